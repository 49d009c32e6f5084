//! The pre-authentication encoding.

/// The bytes that are signed: `DSSEv1 <len> <type> <len> <payload>`, lengths in bytes and in decimal
/// (DSSE protocol, "Signature Definition").
///
/// ```
/// let pae = proofmark_dsse::pae("http://example.com/HelloWorld", b"hello world");
/// assert_eq!(pae, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
/// ```
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (type_len, len) = (payload_type.len(), payload.len());
    let mut encoded = format!("DSSEv1 {type_len} {payload_type} {len} ").into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}
