package domain

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"

	"github.com/google/uuid"
)

// MinSecretKeyLength of SECRET_KEY in bytes.
const MinSecretKeyLength = 32

// Keyring seals secrets at rest and signs links. Each key has an id that
// stands in everything made with it, so old keys verify and decrypt until
// nothing needs them; only the first one makes new things.
type Keyring struct {
	keys []ringKey
}

type ringKey struct {
	id   string // 8 hex digits
	seal cipher.AEAD
	link []byte
}

// NewKeyring reads a comma list of keys, the current one first. Each has at
// least MinSecretKeyLength bytes.
func NewKeyring(list string) (*Keyring, error) {
	r := &Keyring{}
	for word := range strings.SplitSeq(list, ",") {
		k, err := newRingKey(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, k)
	}
	return r, nil
}

func newRingKey(secret string) (ringKey, error) {
	if len(secret) < MinSecretKeyLength {
		return ringKey{}, FieldErrorf("SECRET_KEY", "A key has at least %d characters; this one has %d.", MinSecretKeyLength, len(secret))
	}
	sub := func(info string) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(secret), nil, "doorito "+info, 32)
	}
	id, err := sub("key id")
	if err != nil {
		return ringKey{}, err
	}
	sealKey, err := sub("seal")
	if err != nil {
		return ringKey{}, err
	}
	link, err := sub("link")
	if err != nil {
		return ringKey{}, err
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return ringKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return ringKey{}, err
	}
	return ringKey{id: hex.EncodeToString(id[:4]), seal: aead, link: link}, nil
}

// Seal encrypts a secret for the database: "<key id>.<base64 of nonce and
// AES-256-GCM text>". about is bound to it (the row's id), so a sealed value
// copied to another row does not open.
func (r *Keyring) Seal(plain, about string, rnd io.Reader) (string, error) {
	k := r.keys[0]
	nonce := make([]byte, k.seal.NonceSize())
	if _, err := io.ReadFull(rnd, nonce); err != nil {
		return "", WrapError(Internal, err, "No random bytes to be had.")
	}
	box := k.seal.Seal(nonce, nonce, []byte(plain), []byte(about))
	return k.id + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// Fresh tells whether Seal's key of today made the value.
func (r *Keyring) Fresh(sealed string) bool { return strings.HasPrefix(sealed, r.keys[0].id+".") }

// Reseal opens what any key of the ring sealed and seals it with the first.
func (r *Keyring) Reseal(sealed, about string, rnd io.Reader) (string, error) {
	plain, err := r.Open(sealed, about)
	if err != nil {
		return "", err
	}
	return r.Seal(plain, about, rnd)
}

// Open decrypts what Seal made; Internal when no key of the ring fits.
func (r *Keyring) Open(sealed, about string) (string, error) {
	id, text, _ := strings.Cut(sealed, ".")
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", WrapError(Internal, err, "A sealed secret is damaged.")
	}
	for _, k := range r.keys {
		if k.id != id || len(box) < k.seal.NonceSize() {
			continue
		}
		n := k.seal.NonceSize()
		plain, err := k.seal.Open(nil, box[:n], box[n:], []byte(about))
		if err != nil {
			return "", WrapError(Internal, err, "A sealed secret does not open with its key.")
		}
		return string(plain), nil
	}
	return "", Errorf(Internal, "A secret was sealed with the key %s, which is not in SECRET_KEY any more. Add that key after the new one.", id)
}

// linkSize: key id, file id, serial, truncated MAC.
const (
	linkMACSize = 16
	linkSize    = 4 + 16 + 2 + linkMACSize
)

// linkText is strict, and ParseLink checks the length, so that there is one
// token for a link and not several that decode to the same bytes.
var linkText = base64.RawURLEncoding.Strict()

// SignLink makes the token of a download link: it names the file and its link
// serial and is good until the file is gone or the serial is raised.
func (r *Keyring) SignLink(file uuid.UUID, serial int) string {
	k := r.keys[0]
	id, _ := hex.DecodeString(k.id)
	b := append(append(id, file[:]...), byte(serial>>8), byte(serial))
	return linkText.EncodeToString(append(b, k.mac(b)...))
}

// ParseLink verifies a link token with any key of the ring; NotFound when it
// is damaged or made with a key that is gone.
func (r *Keyring) ParseLink(token string) (file uuid.UUID, serial int, err error) {
	b, derr := linkText.DecodeString(token)
	if derr == nil && len(b) == linkSize && len(token) == linkText.EncodedLen(linkSize) {
		body, mac := b[:linkSize-linkMACSize], b[linkSize-linkMACSize:]
		for _, k := range r.keys {
			if hex.EncodeToString(body[:4]) == k.id && hmac.Equal(mac, k.mac(body)) {
				return uuid.UUID(body[4:20]), int(body[20])<<8 | int(body[21]), nil
			}
		}
	}
	return uuid.Nil, 0, Errorf(NotFound, "There is nothing behind this door. The link lost a character on its way here, or it was revoked.")
}

func (k ringKey) mac(b []byte) []byte {
	m := hmac.New(sha256.New, k.link)
	m.Write(b)
	return m.Sum(nil)[:linkMACSize]
}
