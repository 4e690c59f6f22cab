package proof

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"aead.dev/minisign"
)

// A Key signs manifests. Its secret part is never printed and never leaves it.
type Key struct{ private minisign.PrivateKey }

// ErrPassword says that a key needs a password, or another one.
var ErrPassword = errors.New("the key needs its password")

// ReadKey reads a secret key as "minisign -G" writes it, with or without a password.
func ReadKey(file, password string) (*Key, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var k Key
	if minisign.IsEncrypted(data) {
		if k.private, err = minisign.DecryptKey(password, data); err != nil {
			return nil, ErrPassword
		}
		return &k, nil
	}
	if err := k.private.UnmarshalText(data); err != nil {
		return nil, errors.New("this is no secret key of minisign") // nothing of what the file holds
	}
	return &k, nil
}

// Sign signs a manifest, prehashed as minisign does by default. The comment is signed
// with it.
func (k *Key) Sign(manifest []byte, comment string) []byte {
	r := minisign.NewReader(bytes.NewReader(manifest))
	_, _ = io.Copy(io.Discard, r) // bytes in memory can be read
	return r.SignWithComments(k.private, comment, "signature from minisign secret key")
}

// Public is the public key, as it stands on the site and as "minisign -P" takes it. It is
// "" of no key.
func (k *Key) Public() string {
	if k == nil {
		return ""
	}
	return k.private.Public().(minisign.PublicKey).String()
}

// PublicFile is a public key as a file, as "minisign -p" takes it.
func PublicFile(public string) []byte {
	return []byte("untrusted comment: minisign public key\n" + public + "\n")
}

// Verify reports whether a signature of a manifest is by a public key, which is given as
// it stands on the site or as a file's content, and the comment that was signed. The
// error says that the key is none.
func Verify(public string, manifest, signature []byte) (comment string, good bool, err error) {
	var key minisign.PublicKey
	if err := key.UnmarshalText([]byte(strings.TrimSpace(public))); err != nil {
		return "", false, errors.New("this is no public key of minisign")
	}
	var s minisign.Signature
	if s.UnmarshalText(signature) != nil || !minisign.Verify(key, manifest, signature) {
		return "", false, nil
	}
	return s.TrustedComment, true, nil
}
