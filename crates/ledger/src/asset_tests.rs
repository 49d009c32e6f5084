use super::*;

#[test]
fn one_asset_has_one_text() {
    for text in ["USD/2", "A/0", "ABCDEFGHIJKL/18", "X.9/10"] {
        let asset: Asset = text.parse().expect("an asset");
        assert_eq!(asset.to_string(), text);
        assert_eq!(format!("{asset:?}"), text);
        assert_eq!(
            serde_json::to_string(&asset).expect("text"),
            format!("\"{text}\"")
        );
        assert_eq!(
            serde_json::from_str::<Asset>(&format!("\"{text}\"")).ok(),
            Some(asset)
        );
    }
    for (text, error) in [
        ("USD", AssetError::Form),
        ("USD/", AssetError::Form),
        ("USD/02", AssetError::Form),
        ("USD/+2", AssetError::Form),
        ("USD/256", AssetError::Form),
        ("USD/-1", AssetError::Form),
        ("USD/2/2", AssetError::Form),
        ("/2", AssetError::Code),
        ("usd/2", AssetError::Code),
        ("US D/2", AssetError::Code),
        ("ABCDEFGHIJKLM/2", AssetError::Code),
        ("ÉU/2", AssetError::Code),
        ("USD/19", AssetError::Scale),
        ("usd/19", AssetError::Code),
    ] {
        assert_eq!(text.parse::<Asset>(), Err(error), "{text}");
    }
    assert!(serde_json::from_str::<Asset>("\"USD\"").is_err());
    assert!(serde_json::from_str::<Asset>("2").is_err());
}

#[test]
fn parts_are_what_they_were_made_of() {
    let asset = Asset::new("ABCDEFGHIJKL", 18).expect("an asset");
    assert_eq!((asset.code(), asset.scale()), ("ABCDEFGHIJKL", 18));
    let asset = Asset::new("USD", 2).expect("an asset");
    assert_eq!((asset.code(), asset.scale()), ("USD", 2));
    assert_eq!(asset.padded_code(), b"USD\0\0\0\0\0\0\0\0\0");
}

#[test]
fn the_order_is_by_code_then_scale() {
    let texts = [".A/0", "0/0", "USD/2", "USD/10", "USDT/1"];
    let assets: Vec<Asset> = texts
        .iter()
        .map(|text| text.parse().expect("an asset"))
        .collect();
    assert!(assets.is_sorted());
}
