//! Receivers that speak TLS, with a certificate that holds or one that does not.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use proofmark_storage::Message;
use proofmark_webhooks::{Reach, Sender};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair, date_time_ymd};
use serde_json::json;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use ureq::tls::Certificate;

use crate::Leads;
use crate::receiver::{Receiver, Request};
use crate::world::{PATIENCE, World};

const NAME: &str = "receiver.test";

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

/// A server with a certificate for this name.
fn acceptor(authority: &Authority, name: &str, is_over: bool) -> TlsAcceptor {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    if is_over {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let secret = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret);
    TlsAcceptor::from(Arc::new(config.expect("a key of the certificate")))
}

/// What became of a message to this receiver, whose name leads to this machine, and what it got.
async fn told(
    acceptor: TlsAcceptor,
    believed: &Authority,
) -> (World, Message, Option<&'static str>, Vec<Request>) {
    let receiver = Receiver::over(Some(acceptor)).await;
    let world = World::new().await;
    let url = format!("https://{NAME}:{}/events", receiver.port());
    let hook = world.listen(&url, json!({})).await;
    let names = Leads(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    let root = Certificate::from_der(believed.der()).to_owned();
    let roots = vec![root].into();
    let courier = world.courier(Sender::believing(Reach::Local, names, PATIENCE, roots));
    world.happens(1).await;
    let message = world.tried(&hook, 1).await;
    courier.abort();
    let tried = world.tries(&message).await;
    let why = match tried[0].error.as_deref() {
        None => None,
        Some(why) if why.contains("its certificate does not hold") => Some("certificate"),
        Some(_) => Some("something else"),
    };
    let got = match receiver.count() {
        0 => Vec::new(),
        count => receiver.wait(count).await,
    };
    (world, message, why, got)
}

#[tokio::test]
async fn messages_arrive_over_tls() {
    let authority = authority();
    let (world, message, why, got) = told(acceptor(&authority, NAME, false), &authority).await;
    assert_eq!(why, None);
    assert!(message.delivered);
    assert_eq!(got.len(), 1);
    world.verify(&got[0]);
}

/// Nothing is said to whoever cannot show that it is the receiver.
#[tokio::test]
async fn a_certificate_that_does_not_hold_gets_nothing() {
    let (believed, other) = (authority(), authority());
    for (acceptor, what) in [
        (
            acceptor(&other, NAME, false),
            "of an authority that nobody believes",
        ),
        (acceptor(&believed, "other.test", false), "for another name"),
        (acceptor(&believed, NAME, true), "that is over"),
    ] {
        let (_, message, why, got) = told(acceptor, &believed).await;
        assert_eq!(why, Some("certificate"), "a certificate {what}");
        assert!(!message.delivered && got.is_empty(), "a certificate {what}");
    }
}
