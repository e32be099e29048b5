//! Approvers: two people to whom raw events are sealed, with keys that are not here.
//!
//! A raw event is sealed with HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM) to the
//! first approver, what comes out is sealed to the second, and that is sealed under the tenant's
//! key of the day. It takes both private keys and the vault to open it.
//!
//! ```text
//! record key of the day { version 1 | id of second 8 | id of first 8 | enc 32 |
//!     HPKE to second { enc 32 | HPKE to first { raw event } } }
//! ```
//!
//! *Why layers and not shares:* a share is a scheme of one's own; one seal within another is none.
//! *Why the record key:* it is destroyed when the time is up, wherever a copy of the bytes is.
//! *Limits:* [`SEALED_RAW_S_MAX`]; [`KEY_FILE_BYTES_MAX`].

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use cordon_event::limits::{SEALED_RAW_DAYS_MAX, SEALED_RAW_S_MAX};
use cordon_event::{Raw, SealedRaw};
use cordon_redact::{Opener as _, RawSealer, SealError, Sealer as _};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke as _, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

use crate::{Domain, Error, TenantKeys, Vault};

/// What a public key begins with.
pub const APPROVER_PREFIX: &str = "cordon_approver_";
const PRIVATE_PREFIX: &str = "cordon_approver_private_";
/// Longest file of a private key.
const KEY_FILE_BYTES_MAX: usize = 512;
const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;
const ID_BYTES: usize = 8;
const OWNER_ONLY: u32 = 0o600;
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + 2 * ID_BYTES;
const INFO_FIRST: &[u8] = b"cordon/quarantine/raw/first/v1";
const INFO_SECOND: &[u8] = b"cordon/quarantine/raw/second/v1";
const S_PER_DAY: u64 = 86_400;

/// An approver's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver([u8; KEY_BYTES]);

impl Approver {
    /// Reads the text that [`ApproverKey::create`] gave; a letter that was mistyped shows.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = unarmoured(text, APPROVER_PREFIX)?;
        let key = bytes.as_slice().try_into();
        key.map(Self).map_err(|_| Error::ApproverText)
    }

    /// The key as text.
    pub fn text(&self) -> String {
        armoured(APPROVER_PREFIX, &self.0).to_string()
    }

    /// What the key is called in what is sealed to it.
    pub fn id(&self) -> String {
        HEXLOWER.encode(&self.id_bytes())
    }

    fn id_bytes(&self) -> [u8; ID_BYTES] {
        let hash = digest(&SHA256, &self.0);
        hash.as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn seal(&self, info: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let key = HpkePublicKey(self.0.to_vec());
        let sealed = SUITE.seal(info, aad, plain, &key);
        let (enc, body) = sealed.map_err(|_| Error::Cipher)?;
        Ok([enc.0, body].concat())
    }
}

/// An approver's private key. Has no `Debug`, and leaves this crate as a file alone.
///
/// ```compile_fail,E0277
/// fn show(key: cordon_vault::ApproverKey) {
///     println!("{key:?}");
/// }
/// ```
pub struct ApproverKey {
    private: HpkePrivateKey,
    public: Approver,
}

impl ApproverKey {
    /// Draws a key pair and writes it to a new file (mode 0600); a file that is there is left.
    pub fn create(path: &Path) -> Result<Approver, Error> {
        let (public, private) = SUITE.generate_key_pair().map_err(|_| Error::Entropy)?;
        let public = public.0.as_slice().try_into().map_err(|_| Error::Cipher)?;
        let public = Approver(public);
        let both = Zeroizing::new([private.secret_bytes(), &public.0].concat());
        let mut text = armoured(PRIVATE_PREFIX, &both);
        text.push('\n');
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(OWNER_ONLY);
        let mut file = options.open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(public)
    }

    /// Reads a file that [`ApproverKey::create`] wrote; one that others can read is refused.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = File::open(path)?;
        let mode = file.metadata()?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Error::Mode {
                path: path.to_owned(),
                mode,
            });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES_MAX));
        let most = KEY_FILE_BYTES_MAX as u64;
        file.take(most).read_to_end(&mut bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::ApproverText)?;
        let both = unarmoured(text.trim(), PRIVATE_PREFIX)?;
        let (private, public) = both
            .split_at_checked(KEY_BYTES)
            .ok_or(Error::ApproverText)?;
        let public = public.try_into().map_err(|_| Error::ApproverText)?;
        Ok(Self {
            private: HpkePrivateKey::from(private.to_vec()),
            public: Approver(public),
        })
    }

    /// The public half.
    pub fn public(&self) -> &Approver {
        &self.public
    }

    fn open(&self, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (enc, body) = sealed.split_at_checked(KEY_BYTES).ok_or(Error::Forged)?;
        let enc = EncapsulatedSecret(enc.to_vec());
        let opened = SUITE.open(&enc, info, aad, body, &self.private);
        opened.map_err(|_| Error::Forged)
    }
}

/// Seals a tenant's raw events to two approvers.
pub struct ApproverSealer {
    keys: TenantKeys,
    approvers: [Approver; 2],
    keep_s: u64,
}

impl ApproverSealer {
    /// To two different people, for `keep_s` seconds, at most [`SEALED_RAW_S_MAX`]. Something is
    /// sealed at once, so that a key that cannot be sealed to shows before there is an event.
    pub fn new(keys: TenantKeys, approvers: [Approver; 2], keep_s: u64) -> Result<Self, Error> {
        let [first, second] = &approvers;
        if first == second {
            return Err(Error::ApproverTwice);
        }
        let sealer = Self {
            keys,
            approvers,
            keep_s: keep_s.min(SEALED_RAW_S_MAX),
        };
        sealer.layers(&[], &[])?;
        Ok(sealer)
    }

    fn layers(&self, context: &[u8], raw: &[u8]) -> Result<Vec<u8>, Error> {
        let [first, second] = &self.approvers;
        let head = [&[VERSION][..], &second.id_bytes(), &first.id_bytes()].concat();
        let aad = [head.as_slice(), context].concat();
        let inner = first.seal(INFO_FIRST, &aad, raw)?;
        let outer = second.seal(INFO_SECOND, &aad, &inner)?;
        Ok([head, outer].concat())
    }
}

impl RawSealer for ApproverSealer {
    fn seal_raw(
        &self,
        context: &[u8],
        received_unix_s: u64,
        raw: &Raw<Vec<u8>>,
    ) -> Result<SealedRaw, SealError> {
        let refused = |_| SealError::Key("approvers".to_owned());
        let layers = self.layers(context, raw.expose_raw()).map_err(refused)?;
        let key = self
            .keys
            .records(Domain::QuarantineRaw, day(received_unix_s));
        let bytes = key.map_err(refused)?.seal(context, &layers)?;
        Ok(SealedRaw {
            bytes,
            until_unix_s: received_unix_s.saturating_add(self.keep_s),
        })
    }
}

impl TenantKeys {
    /// The approvers that a raw event was sealed to, by their ids.
    pub fn approvers_of(
        &self,
        context: &[u8],
        received_unix_s: u64,
        sealed: &[u8],
    ) -> Result<[String; 2], Error> {
        let layers = self.layers_of(context, received_unix_s, sealed)?;
        let (second, rest) = split_ids(&layers)?;
        Ok([HEXLOWER.encode(&rest), HEXLOWER.encode(&second)])
    }

    /// Opens a sealed raw event with both approvers' keys, in either order.
    ///
    /// [`Error::ApproverOther`] when one of them is not an approver's that it was sealed to,
    /// [`Error::DayDestroyed`] when its time is up, [`Error::Forged`] when it was changed.
    pub fn open_raw(
        &self,
        context: &[u8],
        received_unix_s: u64,
        sealed: &[u8],
        approvers: [&ApproverKey; 2],
    ) -> Result<Raw<Vec<u8>>, Error> {
        let layers = self.layers_of(context, received_unix_s, sealed)?;
        let (second, first) = split_ids(&layers)?;
        let of = |id: [u8; ID_BYTES]| {
            let found = approvers.iter().find(|key| key.public.id_bytes() == id);
            found.ok_or(Error::ApproverOther)
        };
        let (first, second) = (of(first)?, of(second)?);
        let (head, outer) = layers.split_at_checked(HEAD_BYTES).ok_or(Error::Forged)?;
        let aad = [head, context].concat();
        let inner = second.open(INFO_SECOND, &aad, outer)?;
        first.open(INFO_FIRST, &aad, &inner).map(Raw::new)
    }

    fn layers_of(
        &self,
        context: &[u8],
        received_unix_s: u64,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let key = self.records_existing(Domain::QuarantineRaw, day(received_unix_s))?;
        key.open(context, sealed).map_err(|_| Error::Forged)
    }
}

impl Vault {
    /// Destroys the keys of raw events whose time is up, today being that day since the Unix epoch:
    /// what was received [`SEALED_RAW_DAYS_MAX`] days ago or later can still be opened.
    pub fn expire_raw(&self, today: u32) -> Result<usize, Error> {
        self.destroy_days_before(
            Domain::QuarantineRaw,
            today.saturating_sub(SEALED_RAW_DAYS_MAX),
        )
    }
}

fn day(unix_s: u64) -> u32 {
    u32::try_from(unix_s / S_PER_DAY).unwrap_or(u32::MAX)
}

/// Ids of the second approver and of the first.
fn split_ids(layers: &[u8]) -> Result<([u8; ID_BYTES], [u8; ID_BYTES]), Error> {
    let ids = layers.strip_prefix(&[VERSION]).ok_or(Error::Forged)?;
    let (second, rest) = ids.split_first_chunk().ok_or(Error::Forged)?;
    let first = rest.first_chunk().ok_or(Error::Forged)?;
    Ok((*second, *first))
}

/// Bytes as text that a scanner for secrets knows, with a check of its letters.
fn armoured(prefix: &str, bytes: &[u8]) -> Zeroizing<String> {
    let checked = Zeroizing::new([bytes, &check(prefix, bytes)].concat());
    let mut code = Zeroizing::new(BASE32_NOPAD.encode(&checked));
    code.make_ascii_lowercase();
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + code.len() + 1));
    text.push_str(prefix);
    text.push_str(&code);
    text
}

fn unarmoured(text: &str, prefix: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let code = text.strip_prefix(prefix).ok_or(Error::ApproverText)?;
    let code = Zeroizing::new(code.to_ascii_uppercase());
    let decoded = BASE32_NOPAD.decode(code.as_bytes());
    let mut bytes = decoded
        .map(Zeroizing::new)
        .map_err(|_| Error::ApproverText)?;
    let at = bytes.len().saturating_sub(CHECK_BYTES);
    let (key, found) = bytes.split_at(at);
    if found != check(prefix, key) {
        return Err(Error::ApproverText);
    }
    bytes.truncate(at);
    Ok(bytes)
}

fn check(prefix: &str, bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let both = Zeroizing::new([prefix.as_bytes(), bytes].concat());
    let hash = digest(&SHA256, &both);
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use cordon_event::{EventId, Region, TenantId};
    use cordon_redact::raw_context;

    use super::*;

    const NOW_S: u64 = 20_000 * S_PER_DAY + 5;
    const PLANTED: &[u8] = b"a planted raw value";

    struct Set {
        dir: tempfile::TempDir,
        vault: Vault,
        keys: TenantKeys,
        people: Vec<ApproverKey>,
        context: Vec<u8>,
        sealed: SealedRaw,
    }

    fn tenant(vault: &Vault, name: &str) -> TenantKeys {
        let (id, region) = (TenantId::parse(name), Region::parse("eu"));
        let (id, region) = (id.unwrap(), region.unwrap());
        vault.create_tenant(&id, &region).unwrap();
        vault.tenant(&id).unwrap()
    }

    fn set() -> Set {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(&dir.path().join("keys")).unwrap();
        let keys = tenant(&vault, "acme");
        let person = |name: &str| {
            let path = dir.path().join(name);
            let public = ApproverKey::create(&path).unwrap();
            let key = ApproverKey::read(&path).unwrap();
            assert_eq!(*key.public(), public);
            assert_eq!(Approver::parse(&public.text()).unwrap(), public);
            key
        };
        let people: Vec<_> = ["ann", "bob", "eve"].map(person).into();
        let two = [people[0].public().clone(), people[1].public().clone()];
        let sealer = ApproverSealer::new(keys.clone(), two, u64::MAX).unwrap();
        let context = raw_context(keys.id(), EventId([1; 16]));
        let raw = Raw::new(PLANTED.to_vec());
        let sealed = sealer.seal_raw(&context, NOW_S, &raw).unwrap();
        Set {
            dir,
            vault,
            keys,
            people,
            context,
            sealed,
        }
    }

    impl Set {
        fn open(&self, bytes: &[u8], one: usize, other: usize) -> Result<Raw<Vec<u8>>, Error> {
            let two = [&self.people[one], &self.people[other]];
            self.keys.open_raw(&self.context, NOW_S, bytes, two)
        }
    }

    #[test]
    fn both_keys_open_in_either_order_and_one_does_not() {
        let set = set();
        let bytes = &set.sealed.bytes;
        assert_eq!(set.sealed.until_unix_s, NOW_S + SEALED_RAW_S_MAX, "capped");
        assert!(!bytes.windows(6).any(|part| PLANTED.starts_with(part)));
        for (one, other) in [(0, 1), (1, 0)] {
            assert_eq!(set.open(bytes, one, other).unwrap().expose_raw(), PLANTED);
        }
        for (one, other) in [(0, 0), (1, 1), (0, 2), (2, 1), (2, 2)] {
            let refused = set.open(bytes, one, other);
            assert!(
                matches!(refused, Err(Error::ApproverOther)),
                "{one} {other}"
            );
        }
        let ids = set.keys.approvers_of(&set.context, NOW_S, bytes).unwrap();
        let known = [0, 1].map(|person: usize| set.people[person].public().id());
        assert_eq!(ids, known);
    }

    /// With the vault's layer off, as who has the keys directory could take it off.
    #[test]
    fn one_approver_alone_meets_ciphertext_that_is_the_others() {
        let set = set();
        let layers = set.keys.layers_of(&set.context, NOW_S, &set.sealed.bytes);
        let layers = layers.unwrap();
        let (head, outer) = layers.split_at(HEAD_BYTES);
        let aad = [head, &set.context].concat();
        let inner = set.people[1].open(INFO_SECOND, &aad, outer).unwrap();
        assert!(!inner.windows(6).any(|part| PLANTED.starts_with(part)));
        assert!(set.people[1].open(INFO_FIRST, &aad, &inner).is_err());
        assert!(set.people[0].open(INFO_FIRST, &aad, outer).is_err());
        assert!(set.people[0].open(INFO_SECOND, &aad, outer).is_err());
    }

    #[test]
    fn what_was_changed_or_moved_does_not_open() {
        let set = set();
        for at in 0..set.sealed.bytes.len() {
            let mut bytes = set.sealed.bytes.clone();
            bytes[at] ^= 1;
            assert!(set.open(&bytes, 0, 1).is_err(), "{at}");
        }
        assert!(set.open(&[], 0, 1).is_err());
        let two = [&set.people[0], &set.people[1]];
        let bytes = &set.sealed.bytes;
        let other = raw_context(set.keys.id(), EventId([2; 16]));
        assert!(set.keys.open_raw(&other, NOW_S, bytes, two).is_err());
        let globex = tenant(&set.vault, "globex");
        assert!(globex.open_raw(&set.context, NOW_S, bytes, two).is_err());
    }

    #[test]
    fn its_key_is_gone_within_seventy_two_hours() {
        let set = set();
        let opens = |today_s: u64| {
            set.vault.expire_raw(day(today_s)).unwrap();
            set.open(&set.sealed.bytes, 0, 1).is_ok()
        };
        assert!(opens(NOW_S + SEALED_RAW_S_MAX));
        assert!(!opens(NOW_S + 72 * 3_600));
    }

    #[test]
    fn a_key_file_is_its_owners_and_a_key_is_one_persons() {
        use std::os::unix::fs::PermissionsExt as _;
        let set = set();
        let path = set.dir.path().join("ann");
        let again = ApproverKey::create(&path);
        assert!(matches!(again, Err(Error::Io(_))), "never replaced");
        let open = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, open).unwrap();
        assert!(matches!(ApproverKey::read(&path), Err(Error::Mode { .. })));
        let ann = set.people[0].public().clone();
        let twice = ApproverSealer::new(set.keys.clone(), [ann.clone(), ann.clone()], 60);
        assert!(matches!(twice, Err(Error::ApproverTwice)));
        // A key to which nothing can be sealed: all of zeros (RFC 7748, section 6.1).
        let none = ApproverSealer::new(set.keys.clone(), [ann.clone(), Approver([0; 32])], 60);
        assert!(none.is_err());
        let text = ann.text();
        let mistyped = text.replace(text.chars().last().unwrap(), "7");
        for wrong in [
            &mistyped,
            "",
            APPROVER_PREFIX,
            &text.replace("cordon", ""),
            "cordon_approver_private_a",
        ] {
            assert!(matches!(Approver::parse(wrong), Err(Error::ApproverText)));
        }
    }
}
