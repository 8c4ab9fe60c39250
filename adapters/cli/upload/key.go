package upload

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// maxGenerations bounds how many uses of one key are walked through.
const maxGenerations = 1000

// keyOf makes an Idempotency-Key of what it stands for.
func keyOf(what string, of ...string) string {
	text, err := json.Marshal(append([]string{"doorito upload, 1", what}, of...))
	if err != nil { // strings always marshal
		panic(err)
	}
	sum := sha256.Sum256(text)
	return "doorito-" + what + "-" + hex.EncodeToString(sum[:])
}

// batchKey is of the command: its label and what it names.
func batchKey(seed, label string, paths []string, generation int) string {
	return keyOf("batch", append([]string{seed, label, strconv.Itoa(generation)}, paths...)...)
}

// fileKey is of a file as it is now, in its batch.
func fileKey(seed, batch string, it *item, generation int) string {
	return keyOf("file", seed, batch, it.abs, it.folder, it.name, strconv.FormatInt(it.size, 10), strconv.FormatInt(it.modified.UnixNano(), 10), strconv.Itoa(generation))
}
