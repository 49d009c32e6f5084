//! Which addresses are spoken to. A market speaks to strangers' addresses from inside its operator's network, so whatever is
//! not plainly the public internet is refused, and what a name leads to is looked at when the connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;
use ureq::http::uri::Scheme;

/// Longest URL of a webhook.
pub const MAX_URL_BYTES: usize = 2_048;

/// Ports of the public internet at which a webhook may listen.
const PORTS: [u16; 2] = [443, 8_443];

/// Whom a market speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Public addresses, over TLS.
    #[default]
    Public,
    /// This machine too, over plain HTTP and at any port: for tests and local use.
    Local,
}

/// Why an address is not spoken to. Whoever gave it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is too long.
    #[error("a URL has {MAX_URL_BYTES} bytes at most")]
    Length,
    /// It is no URL that a webhook can have.
    #[error("a webhook is https://HOST/PATH, without a user, a password and a fragment")]
    Form,
    /// It is not encrypted.
    #[error("a webhook is spoken to over https only")]
    Scheme,
    /// Something else listens there.
    #[error("a webhook listens at port 443 or 8443")]
    Port,
    /// It is not of the public internet.
    #[error("{0} is not an address of the public internet")]
    NotPublic(IpAddr),
}

impl AddressError {
    /// Stable code, the same for all: what is wrong is said by the sentence.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "webhook-address"
    }
}

/// Whether a URL can be that of a webhook, as far as that can be said without looking its name up.
///
/// # Errors
/// [`AddressError`].
pub fn check_url(url: &str, reach: Reach) -> Result<(), AddressError> {
    if url.len() > MAX_URL_BYTES {
        return Err(AddressError::Length);
    }
    // Read by the parser of the client, so that both see the same host.
    let uri: Uri = url.parse().map_err(|_| AddressError::Form)?;
    let authority = uri.authority().ok_or(AddressError::Form)?;
    if url.contains('#') || authority.as_str().contains('@') || uri.host().is_none_or(str::is_empty)
    {
        return Err(AddressError::Form);
    }
    let local = reach == Reach::Local;
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => {}
        Some(scheme) if *scheme == Scheme::HTTP && local => {}
        Some(scheme) if *scheme == Scheme::HTTP => return Err(AddressError::Scheme),
        _ => return Err(AddressError::Form),
    }
    if authority.as_str().ends_with(':') {
        return Err(AddressError::Form);
    }
    let other_port = uri.port_u16().is_some_and(|port| !PORTS.contains(&port));
    if other_port && !local {
        return Err(AddressError::Port);
    }
    match literal(authority.host()) {
        Some(address) => check(address, reach),
        None => Ok(()),
    }
}

/// Whether an address is spoken to.
///
/// # Errors
/// [`AddressError::NotPublic`].
pub(crate) fn check(address: IpAddr, reach: Reach) -> Result<(), AddressError> {
    let local = reach == Reach::Local && address.to_canonical().is_loopback();
    match local || is_public(address) {
        true => Ok(()),
        false => Err(AddressError::NotPublic(address)),
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Whether an address is one of the public internet: of the registries of special addresses (IANA, RFC 6890 and later)
/// nothing is, and of IPv6 only what is handed out (2000::/3) and carries no IPv4 address inside.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Networks of IPv4 that are not public: the network, and how many of its bits count.
const SPECIAL_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared by the customers of a carrier
    ([127, 0, 0, 0], 8),     // this machine
    ([169, 254, 0, 0], 16),  // this link, and metadata of clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // assignments of the IETF
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 31, 196, 0], 24), // AS112
    ([192, 52, 193, 0], 24), // AMT
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([192, 175, 48, 0], 24), // AS112
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 3),     // multicast, reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    let within = |(network, length): &([u8; 4], u32)| {
        let network = Ipv4Addr::from(*network).to_bits();
        (bits ^ network) >> (32 - length) == 0
    };
    !SPECIAL_V4.iter().any(within)
}

/// Networks inside 2000::/3 that are not public, or lead to an IPv4 address that nobody looked at. What maps, translates
/// or is local (::/8, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8) is outside of it.
const SPECIAL_V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // assignments of the IETF, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |network: Ipv6Addr, length: u32| (bits ^ network.to_bits()) >> (128 - length) == 0;
    let handed_out = within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    let special = SPECIAL_V6.iter().any(|(it, length)| within(*it, *length));
    handed_out && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_public_internet_is_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:1::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
            "4000::1",
        ] {
            let address: IpAddr = address.parse().expect(address);
            assert!(!is_public(address), "{address}");
            assert!(check(address, Reach::Public).is_err(), "{address}");
        }
    }

    #[test]
    fn what_is_of_the_public_internet_is_spoken_to() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860::8888",
            "2003::1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            let address: IpAddr = address.parse().expect(address);
            assert!(is_public(address), "{address}");
        }
    }

    #[test]
    fn this_machine_is_spoken_to_only_where_the_operator_says_so() {
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let address: IpAddr = address.parse().expect(address);
            assert!(check(address, Reach::Local).is_ok(), "{address}");
        }
        for address in ["10.0.0.1", "169.254.169.254", "0.0.0.0", "fe80::1"] {
            let address: IpAddr = address.parse().expect(address);
            assert!(check(address, Reach::Local).is_err(), "{address}");
        }
    }

    #[test]
    fn a_url_is_refused_before_anything_is_looked_up() {
        use AddressError::{Form, Length, NotPublic, Port, Scheme};
        let private = |text: &str| NotPublic(text.parse().expect("an address"));
        let long = format!("https://receiver.example/{}", "x".repeat(MAX_URL_BYTES));
        for (url, error) in [
            ("http://receiver.example/", Scheme),
            ("ftp://receiver.example/", Form),
            ("receiver.example", Form),
            ("/events", Form),
            ("https://", Form),
            ("https://:443/", Form),
            ("https://receiver.example:/", Form),
            ("https://user@receiver.example/", Form),
            ("https://user:pass@receiver.example/", Form),
            ("https://receiver.example/#part", Form),
            ("https://receiver.example/a b", Form),
            ("https://receiver.example\\@10.0.0.1/", Form),
            ("https://receiver.example:22/", Port),
            ("https://receiver.example:80/", Port),
            ("https://127.0.0.1/", private("127.0.0.1")),
            ("https://[::1]/", private("::1")),
            (
                "https://[::ffff:10.0.0.1]:8443/",
                private("::ffff:10.0.0.1"),
            ),
            ("https://169.254.169.254/latest", private("169.254.169.254")),
            (long.as_str(), Length),
        ] {
            assert_eq!(check_url(url, Reach::Public), Err(error), "{url}");
        }
        for url in [
            "https://receiver.example",
            "https://receiver.example/events?of=me",
            "HTTPS://receiver.example:8443/",
            "https://1.1.1.1/",
        ] {
            assert_eq!(check_url(url, Reach::Public), Ok(()), "{url}");
        }
        assert_eq!(check_url("http://127.0.0.1:9/", Reach::Local), Ok(()));
        assert_eq!(check_url("http://localhost:9/", Reach::Local), Ok(()));
        let other = check_url("http://10.0.0.1:9/", Reach::Local);
        assert_eq!(other, Err(private("10.0.0.1")));
    }
}
