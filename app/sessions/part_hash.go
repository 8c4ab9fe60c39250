package sessions

import (
	"context"

	"doorito/app/stream/digest"
	"doorito/domain"
)

// partHash hashes a part while it is received. Where the part leads its file's
// hash, it takes it along and passes it on with its last byte.
type partHash struct {
	ctx   context.Context
	part  *domain.UploadPart
	chunk int64
	sum   *digest.Digest // of the part
	chain *chain
	begun bool
	lead  *place // nil when the part does not lead
	file  prefix
	link  *link // with what is after it when the part is whole
}

// Write waits a little for the parts before this one, the first time.
func (h *partHash) Write(p []byte) (int, error) {
	if !h.begun {
		h.begun = true
		if err := h.begin(); err != nil {
			return 0, err
		}
	}
	if h.lead == nil {
		return h.sum.Write(p)
	}
	digest.WriteBoth(h.sum, h.file.hash, p)
	if h.file.length += int64(len(p)); h.file.length < h.part.Offset+h.part.Size {
		return len(p), nil
	}
	after, err := h.file.state()
	if err != nil {
		return 0, err
	}
	h.link.after = after
	h.chain.pass(h.lead, after)
	return len(p), nil
}

func (h *partHash) begin() (err error) {
	lead, before := h.chain.lead(h.ctx, h.part.Offset, h.chunk)
	if lead != nil {
		h.lead, h.link = lead, &link{before: before}
		h.file, err = readPrefix(before)
	}
	return err
}

// end returns the link of a part that came whole and led, nil of any other. A
// lead that was not passed on is given up.
func (h *partHash) end() *link {
	if h.lead != nil && h.link.after == nil {
		h.chain.pass(h.lead, nil)
		return nil
	}
	return h.link
}
