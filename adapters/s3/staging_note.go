package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"doorito/domain"
)

// stageNote says where the bytes of a stage are: the first End of them in the
// multipart upload's first Parts parts, the others in Tails. Its length does
// not grow with the file.
type stageNote struct {
	Storage  string   `json:"storage"`
	Upload   string   `json:"upload,omitempty"` // id of the multipart upload; none for a file of one part
	PartSize int64    `json:"part_size"`
	Total    int64    `json:"total"` // as Begin was told; -1 for unknown
	Parts    int      `json:"parts,omitempty"`
	End      int64    `json:"end,omitempty"`
	Chain    string   `json:"chain,omitempty"` // over the tags of the parts
	Tails    []tail   `json:"tails,omitempty"`
	Drop     []string `json:"drop,omitempty"` // tails that no note names once this one is saved
}

const noteStorage = "s3"

// tail is an object with bytes that do not fill a part yet.
type tail struct {
	Name string `json:"name"` // what follows <key>.tail.
	From int64  `json:"from"`
	Size int64  `json:"size"`
}

func readNote(stage []byte) (stageNote, error) {
	var n stageNote
	err := json.Unmarshal(stage, &n)
	if err != nil || n.Storage != noteStorage || n.PartSize < 1 {
		return n, domain.WrapError(domain.Expired, err, "This upload was begun with another storage than the one in use now. Start a new one.")
	}
	return n, nil
}

func (n stageNote) bytes() ([]byte, error) {
	out, err := json.Marshal(n)
	if err != nil {
		return nil, domain.WrapError(domain.Internal, err, "The upload's place in the storage could not be noted.")
	}
	return out, nil
}

// offset is how many bytes the note describes.
func (n stageNote) offset() int64 {
	at := n.End
	for _, t := range n.Tails {
		at += t.Size
	}
	return at
}

// addPart notes that the next part is in the storage. Every tail was part of
// it or of a part before it.
func (n *stageNote) addPart(size int64, tag string) {
	n.Parts++
	n.End += size
	n.Chain = chain(n.Chain, tag)
	n.dropTails(0)
}

// dropTails forgets the tails from number i on.
func (n *stageNote) dropTails(i int) {
	for _, t := range n.Tails[i:] {
		n.Drop = append(n.Drop, t.Name)
	}
	n.Tails = n.Tails[:i:i]
}

// mergeAt returns the tail from which on a new tail of fresh bytes takes in
// the older ones: those that are not larger than what comes after them. So
// there are few tails at any time, and a byte is written again few times
// (both by the logarithm of the number of checkpoints).
func (n stageNote) mergeAt(fresh int64) int {
	i := len(n.Tails)
	for ; i > 0 && n.Tails[i-1].Size <= fresh; i-- {
		fresh += n.Tails[i-1].Size
	}
	return i
}

// chain adds a part's tag to what stands for all tags before it. At the end it
// tells whether the parts in the storage are those that the notes speak of.
func chain(before, tag string) string {
	sum := sha256.Sum256([]byte(before + "\n" + bareTag(tag)))
	return hex.EncodeToString(sum[:16])
}

func bareTag(tag string) string { return strings.Trim(tag, `"`) }

func stageGone(cause error) error {
	return domain.WrapError(domain.Expired, cause, "What arrived of this upload is not in the storage any more. Start a new one.")
}

func takenOver() error {
	return domain.Errorf(domain.Conflict, "Another request goes on with this upload. Ask how much has arrived, then go on from there.")
}

func stageMixed(cause error) error {
	return domain.WrapError(domain.Conflict, cause, "Two requests wrote different bytes to the same place of this upload. Start a new one.")
}

// stageError is storageError for what belongs to a stage.
func (b *Blobs) stageError(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		switch apiCode(err) {
		case "NoSuchUpload", "NoSuchKey", "NotFound":
			return stageGone(err)
		case "InvalidPart":
			return stageMixed(err)
		}
	}
	return b.storageError(ctx, err)
}
