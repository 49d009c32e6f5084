use super::lines::MAX_RECORD_BYTES;
use super::*;

fn rows(content: &str, params: &str) -> Vec<Row> {
    let params: Params = serde_json::from_str(params).expect("parameters");
    let opened = Telemetry::open(content.as_bytes(), &params).expect("reads");
    let mut telemetry = opened.unwrap_or_else(|header| panic!("{header:?}"));
    let mut rows = Vec::new();
    while let Some(row) = telemetry.next_row().expect("reads") {
        rows.push(row);
    }
    rows
}

fn header_codes(content: &str) -> Vec<&'static str> {
    let params = Params::default();
    match Telemetry::open(content.as_bytes(), &params).expect("reads") {
        Ok(_) => Vec::new(),
        Err(header) => header.defects.iter().map(|defect| defect.code).collect(),
    }
}

fn request(start_us: u64, duration_us: u64, status: u16) -> Request {
    Request {
        start_us,
        duration_us,
        status,
        tokens: 0,
        score: 0,
        id: None,
    }
}

#[test]
fn csv_records_are_read_by_column_name_in_any_order() {
    let content = "status,note,duration,start\r\n200,\"a,\nb\",1.0001,0.5\r\n\r\n503,,2,1\r\n";
    let rows = rows(content, r#"{"units":{"start":"s","duration":"ms"}}"#);
    assert_eq!(rows[0].1, Ok(request(500_000, 1_001, 200)));
    assert_eq!((rows[0].0.line, rows[0].0.record), (2, 1));
    assert_eq!(rows[1].1, Ok(request(1_000_000, 2_000, 503)));
    assert_eq!((rows[1].0.line, rows[1].0.record), (5, 2));
    let place = rows[1].0;
    let bytes = &content[place.offset as usize..(place.offset + place.len) as usize];
    assert_eq!(bytes, "503,,2,1\r\n");
}

#[test]
fn json_lines_take_tokens_and_scores_when_they_are_asked_for() {
    let params = r#"{"telemetry":"t.jsonl","throughput":{"min_tokens_per_1000_s":1},
        "benchmark":{"from":{"column":{"name":"f1"}},"decimals":2,"min":0,"max":100}}"#;
    let content = r#"{"start":1,"duration":2,"status":"200","tokens":7,"f1":-0.125}"#;
    let expected = Request {
        tokens: 7,
        score: -13,
        ..request(1, 2, 200)
    };
    assert_eq!(rows(content, params)[0].1, Ok(expected));
}

#[test]
fn each_defect_has_its_code() {
    for (record, code) in [
        ("1,2", "record-malformed"),
        ("1,2,2\"0", "record-malformed"),
        ("1,2,\"200", "record-malformed"),
        ("1,,200", "field-missing"),
        ("1,fast,200", "value-invalid"),
        ("1,-2,200", "value-invalid"),
        ("-1,2,200", "value-invalid"),
        ("1,2,1000", "value-invalid"),
        ("1,2,200.5", "value-invalid"),
        ("9007199254740992,2,200", "value-invalid"),
        ("1,1099511627776,200", "value-invalid"),
    ] {
        let rows = rows(&format!("start,duration,status\n{record}\n"), "{}");
        let defect = rows[0].1.as_ref().expect_err(record);
        assert_eq!(defect.code, code, "{record}");
    }
}

#[test]
fn a_broken_record_does_not_hide_the_next_one() {
    let long = "9".repeat(2 * MAX_RECORD_BYTES);
    let rows = rows(
        &format!("start,duration,status\n{long}\nx\n1,2,200\n"),
        "{}",
    );
    let codes: Vec<_> = rows
        .iter()
        .map(|(_, row)| row.as_ref().err().map(|it| it.code))
        .collect();
    assert_eq!(
        codes,
        [Some("record-too-long"), Some("record-malformed"), None]
    );
    assert_eq!(rows[2].0.line, 4);
}

#[test]
fn a_header_must_name_each_column_once() {
    assert_eq!(header_codes(""), ["header-missing"]);
    assert_eq!(header_codes("start,status\n"), ["column-missing"]);
    assert_eq!(
        header_codes("start,start,duration,status"),
        ["column-duplicate"]
    );
    assert_eq!(header_codes("\u{feff}start, duration,status"), [""; 0]);
}

#[test]
fn an_id_must_be_there_whether_it_is_taken_or_not() {
    let params: Params = serde_json::from_str(r#"{"columns":{"id":"id"}}"#).expect("parameters");
    let content = "id,start,duration,status\na,1,2,200\n ,1,2,200\n".as_bytes();
    let open = || Telemetry::open(content, &params).expect("reads");
    let id = crate::ids::Id::of(b"a");
    for (mut telemetry, id) in [
        (open().expect("a header"), Some(id)),
        (open().expect("a header").without_ids(), None),
    ] {
        let mut next = || telemetry.next_row().expect("reads").expect("a record").1;
        assert_eq!(next().map(|request| request.id), Ok(id));
        assert_eq!(next().map_err(|defect| defect.code), Err("field-missing"));
    }
}
