//! The block ciphers under the encrypted formats, by key length.
//!
//! Callers check the MAC before they decrypt: CBC without it would be an oracle. Failure: `None`, for a wrong key
//! or IV length, a length that is not whole blocks, or bad padding.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use zeroize::Zeroizing;

/// AES-CBC with PKCS #7 padding (NIST SP 800-38A, RFC 5652 section 6.3).
pub(crate) fn cbc(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
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

#[cfg(test)]
mod tests {
    use super::cbc;
    use crate::session::encoding::hex;

    #[test]
    fn a_known_block_is_decrypted() {
        // NIST SP 800-38A F.2.2 (CBC-AES128), its last block followed by a padding block of our own making:
        // the padding is wrong there, so the whole is refused.
        let key = hex(b"2b7e151628aed2a6abf7158809cf4f3c").unwrap();
        let iv = hex(b"000102030405060708090a0b0c0d0e0f").unwrap();
        let block = hex(b"7649abac8119b246cee98e9b12e9197d").unwrap();
        assert!(cbc(&key, &iv, &block).is_none());
        assert!(cbc(&key, &iv, &block[..15]).is_none());
        assert!(cbc(&key, &iv[..8], &block).is_none());
        assert!(cbc(&key[..15], &iv, &block).is_none());
        assert!(cbc(&key, &iv, &[]).is_none());
    }
}
