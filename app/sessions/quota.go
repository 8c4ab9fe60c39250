package sessions

import (
	"context"

	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
)

// promise checks that what the session declares, or has while it declares
// nothing, fits into its owner's quota; it is written already. From then on it
// counts as used, so that no upload is refused for room on its way.
func promise(ctx context.Context, st ports.Stores, a domain.Actor, row *domain.UploadSession) error {
	w, err := files.AllowanceOf(ctx, st, a, row.UserID)
	if err != nil {
		return err
	}
	bytes := max(size(row), row.BytesReceived)
	return files.CheckQuota(ctx, st, row.UserID, w, bytes, bytes)
}

// policy is what the owner of the session may hand in.
func (s *Sessions) policy(ctx context.Context, a domain.Actor, row *domain.UploadSession) (domain.UploadPolicy, error) {
	w, err := files.AllowanceOf(ctx, s.DB.Reads(), a, row.UserID)
	return s.Limits.For(w), err
}
