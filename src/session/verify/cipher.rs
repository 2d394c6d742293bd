//! The ciphers under the encrypted formats, by key length.
//!
//! Callers of [`cbc()`] and [`cfb`] check the MAC before they decrypt: without it they would be oracles. The others carry
//! their own tag. Failure: `None`, for a wrong key, nonce or tag length, a tag that does not fit, bad padding.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _, StreamCipher as _};
use aes_gcm::aead::{Aead as _, AeadInOut as _, KeyInit as _, Payload};
use poly1305::Poly1305;
use salsa20::XSalsa20;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A plaintext, wiped when dropped.
pub(crate) type Plain = Zeroizing<Vec<u8>>;

/// AES-CBC with PKCS #7 padding (NIST SP 800-38A, RFC 5652 section 6.3).
pub(crate) fn cbc(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Plain> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let plain = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded::<Pkcs7>(&mut buffer),
        24 => cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?.decrypt_padded::<Pkcs7>(&mut buffer),
        32 => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded::<Pkcs7>(&mut buffer),
        _ => return None,
    };
    let length = plain.ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// AES-CFB with 128-bit segments (NIST SP 800-38A), as Go's `cipher.NewCFBDecrypter` does it.
pub(crate) fn cfb(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Plain> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    match key.len() {
        16 => cfb_mode::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt(&mut buffer),
        24 => cfb_mode::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?.decrypt(&mut buffer),
        32 => cfb_mode::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt(&mut buffer),
        _ => return None,
    }
    Some(buffer)
}

/// AES-GCM with a nonce of 12 and a tag of 16 bytes (NIST SP 800-38D).
pub(crate) fn gcm(key: &[u8], nonce: &[u8], aad: &[u8], ciphertext: &[u8], tag: &[u8]) -> Option<Plain> {
    let nonce: [u8; 12] = nonce.try_into().ok()?;
    let tag: [u8; 16] = tag.try_into().ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let opened = match key.len() {
        16 => aes_gcm::Aes128Gcm::new_from_slice(key).ok()?.decrypt_inout_detached(
            &nonce.into(),
            aad,
            buffer.as_mut_slice().into(),
            &tag.into(),
        ),
        32 => aes_gcm::Aes256Gcm::new_from_slice(key).ok()?.decrypt_inout_detached(
            &nonce.into(),
            aad,
            buffer.as_mut_slice().into(),
            &tag.into(),
        ),
        _ => return None,
    };
    opened.ok().map(|()| buffer)
}

/// XChaCha20-Poly1305 with a nonce of 24 bytes (draft-irtf-cfrg-xchacha); the tag stands after the ciphertext.
pub(crate) fn xchacha(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Plain> {
    let nonce: [u8; 24] = nonce.try_into().ok()?;
    let cipher = chacha20poly1305::XChaCha20Poly1305::new_from_slice(key).ok()?;
    cipher.decrypt(&nonce.into(), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}

/// NaCl's `crypto_secretbox`: XSalsa20-Poly1305 with the tag before the ciphertext
/// (nacl.cr.yp.to/secretbox.html; the first 32 bytes of the stream are the key of the MAC).
pub(crate) fn secretbox(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Option<Plain> {
    let (tag, ciphertext) = sealed.split_at_checked(16)?;
    let mut stream = XSalsa20::new_from_slices(key, nonce).ok()?;
    let mut mac_key = Zeroizing::new([0_u8; 32]);
    stream.apply_keystream(mac_key.as_mut_slice());
    let expected = Poly1305::new_from_slice(mac_key.as_slice()).ok()?.compute_unpadded(ciphertext);
    if !bool::from(expected.as_slice().ct_eq(tag)) {
        return None;
    }
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    stream.apply_keystream(&mut plain);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::{cbc, cfb, gcm, secretbox, xchacha};
    use crate::session::encoding::hex;

    const KEY: &[u8] = b"2b7e151628aed2a6abf7158809cf4f3c";
    const IV: &[u8] = b"000102030405060708090a0b0c0d0e0f";

    #[test]
    fn wrong_lengths_and_bad_padding_are_refused() {
        let (key, iv) = (hex(KEY).unwrap(), hex(IV).unwrap());
        // The first block of NIST SP 800-38A F.2.2, which ends in no padding.
        let block = hex(b"7649abac8119b246cee98e9b12e9197d").unwrap();
        assert!(cbc(&key, &iv, &block).is_none());
        assert!(cbc(&key, &iv, &block[..15]).is_none());
        assert!(cbc(&key, &iv[..8], &block).is_none());
        assert!(cbc(&key[..15], &iv, &block).is_none());
        assert!(cbc(&key, &iv, &[]).is_none());
        assert!(gcm(&key, &iv, b"", b"", &[0; 16]).is_none());
        assert!(gcm(&key, &iv[..12], b"", b"", &[0; 16]).is_none());
        assert!(xchacha(&key, &[0; 24], b"", &[0; 16]).is_none());
        assert!(secretbox(&[0; 32], &[0; 24], &[0; 15]).is_none());
        assert!(secretbox(&[0; 32], &[0; 24], &[0; 16]).is_none());
    }

    #[test]
    fn cfb_is_the_one_with_whole_blocks() {
        // NIST SP 800-38A F.3.14 (CFB128-AES128), the first block.
        let (key, iv) = (hex(KEY).unwrap(), hex(IV).unwrap());
        let plain = cfb(&key, &iv, &hex(b"3b3fd92eb72dad20333449f8e83cfb4a").unwrap()).unwrap();
        assert_eq!(*plain, hex(b"6bc1bee22e409f96e93d7e117393172a").unwrap());
    }
}
