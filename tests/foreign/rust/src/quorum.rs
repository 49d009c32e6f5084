//! The crate `sigsum`: a leaf's signature, the log's, the proof of inclusion and a quorum of witnesses, in
//! one call.

use std::path::Path;

use sigsum::{Hash, Policy, PublicKey, SigsumSignature, verify as verify_signature};

use crate::{Verdict, broken, read, read_text, refused};

pub fn verify(folder: &Path) -> Verdict {
    let message: [u8; 32] = read(folder, "message")?
        .try_into()
        .map_err(|_| broken("message"))?;
    let signer: [u8; 32] = read(folder, "signer.pub")?
        .try_into()
        .map_err(|_| broken("signer"))?;
    let policy = Policy::parse(&read_text(folder, "policy")?).map_err(broken)?;
    let signature =
        SigsumSignature::from_ascii(&read_text(folder, "signature")?).map_err(refused)?;
    let signers = [PublicKey::from(signer)];
    verify_signature(&Hash::from(message), &signature, &signers, &policy).map_err(refused)
}
