package tus

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

var creationURL = &url.URL{Path: creationPath}

// parseConcat reads Upload-Concat ("Upload-Concat"): `partial`, or `final;` and
// the partials' URLs, separated by a space, in order. "" is an upload of its
// own.
func parseConcat(raw string) (domain.SessionKind, []uuid.UUID, error) {
	switch raw {
	case "":
		return domain.SessionWhole, nil, nil
	case "partial":
		return domain.SessionPartial, nil, nil
	}
	list, ok := strings.CutPrefix(raw, "final;")
	if !ok || list == "" {
		return "", nil, domain.FieldErrorf(hConcat, "Upload-Concat is \"partial\", or \"final;\" with the partial uploads' addresses separated by spaces. Send one of these.")
	}
	var ids []uuid.UUID
	for ref := range strings.SplitSeq(list, " ") {
		id, err := parseUploadURL(ref)
		if err != nil {
			return "", nil, err
		}
		ids = append(ids, id)
	}
	return domain.SessionFinal, ids, nil
}

// parseUploadURL takes an upload's address, absolute or relative to where
// uploads are made. The host is not looked at: a proxy may call us by another
// name, and an id of ours is nowhere else.
func parseUploadURL(ref string) (uuid.UUID, error) {
	wrong := domain.FieldErrorf(hConcat, "Upload-Concat names something that is no address of an upload here. Send the Location of each partial upload.")
	u, err := creationURL.Parse(ref)
	if err != nil || ref == "" {
		return uuid.Nil, wrong
	}
	i := strings.LastIndexByte(u.Path, '/') + 1
	if !strings.HasSuffix(u.Path[:i], creationPath) {
		return uuid.Nil, wrong
	}
	id, err := fiberx.ParseID(u.Path[i:])
	if err != nil {
		return uuid.Nil, wrong
	}
	return id, nil
}

// setBatch puts the upload into a batch by its id; "" into none.
func setBatch(in *usecase.SessionInput, text string) error {
	if text == "" {
		return nil
	}
	id, err := fiberx.ParseID(text)
	if err != nil {
		return domain.Errorf(domain.NotFound, "There is no batch with the id that Upload-Metadata names. Check it, or leave it out.")
	}
	in.BatchID = &id
	return nil
}
