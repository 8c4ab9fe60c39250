package files

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// AllowanceOf is that of the owner of an upload, which is nearly always who
// asks; only for others is it looked up.
func AllowanceOf(ctx context.Context, reads ports.Stores, a domain.Actor, owner *uuid.UUID) (domain.Allowance, error) {
	switch {
	case owner == nil:
		return domain.Allowance{}, nil
	case *owner == a.UserID:
		return a.Allowance, nil
	}
	u, err := reads.Users.Find(ctx, *owner)
	if domain.IsCode(err, domain.NotFound) { // deleted meanwhile: what was theirs is nobody's
		return domain.Allowance{}, nil
	}
	if err != nil {
		return domain.Allowance{}, err
	}
	return u.Allowance, nil
}

// CheckQuota is a domain.OverQuota when `bytes` do not fit into the owner's
// quota; written of them are in the database by now, of this transaction. Others
// who check the same wait until this transaction ends, so that of two that race
// for the last bytes one is refused. Without a quota nothing is asked.
func CheckQuota(ctx context.Context, st ports.Stores, owner *uuid.UUID, w domain.Allowance, bytes, written int64) error {
	if w.Quota == 0 || owner == nil || bytes <= 0 {
		return nil
	}
	used, err := st.Uploads.UsedAlone(ctx, *owner)
	if err != nil {
		return err
	}
	return domain.Usage{Used: used - written, Quota: w.Quota}.Check(bytes)
}
