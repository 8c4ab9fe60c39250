package tus_test

import (
	"testing"

	"doorito/domain"
)

// Other doors work on the same sessions; what HEAD says stays true.

func TestHEADOfASessionWrittenInPartsSaysItsContiguousPrefix(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 25")
	p.sessions.change(at, func(k *kept) {
		k.Mode, k.Status, k.BytesReceived = domain.ModeParts, domain.SessionInProgress, 20
		k.parts = []*domain.UploadPart{{Number: 1, Size: 8}, {Number: 2, Offset: 8, Size: 8}, {Number: 4, Offset: 24, Size: 1}}
	})
	p.head(t, at).want(t, 200, "Upload-Offset: 16", "Upload-Length: 25")
	p.patch(t, at, "16", "hello").want(t, 409)
}

func TestHEADOfAnUnfinishedFinalHasNoOffset(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	part := p.create(t, "Upload-Concat: partial", "Upload-Length: 0")
	final := p.create(t, "Upload-Concat: final;"+part)
	p.sessions.change(final, func(k *kept) { k.Status = domain.SessionCompleting })
	p.head(t, final).want(t, 200, "Upload-Offset:", "Upload-Length: 0", "Upload-Concat: final;"+part)
}

func TestMetadataOfOtherDoorsIsNoHeader(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 5")
	p.sessions.change(at, func(k *kept) {
		k.Metadata = map[string]string{"Upload-Metadata": "a eA==\r\nSet-Cookie: b=c", "Upload-Concat": "partial"}
	})
	p.head(t, at).want(t, 200, "Upload-Metadata:", "Upload-Concat:", "Set-Cookie:")
}

func TestAnUploadWhoseSessionFailedIsGone(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 5")
	p.sessions.change(at, func(k *kept) { k.Status, k.ErrorMessage = domain.SessionFailed, "Not a PDF." })
	p.head(t, at).want(t, 410, "Upload-Offset:", "Cache-Control: no-store")
	a := p.patch(t, at, "0", "hello")
	a.want(t, 410)
	p.do(t, "DELETE", at, "").want(t, 410)
}
