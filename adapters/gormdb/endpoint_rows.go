package gormdb

import (
	"github.com/google/uuid"

	"doorito/domain"
)

func fromSecret(endpoint uuid.UUID, s domain.EndpointSecret) secretRow {
	kind := s.Kind
	if kind == "" {
		kind = domain.SecretHMAC
	}
	return secretRow{
		ID: s.ID, EndpointID: endpoint, Kind: string(kind), Sealed: s.Sealed, PublicKey: s.Public, Hint: s.Hint,
		CreatedAt: at(s.CreatedAt), RetiresAt: atPtr(s.RetiresAt),
	}
}

func toSecret(r secretRow) domain.EndpointSecret {
	return domain.EndpointSecret{
		ID: r.ID, Kind: domain.SecretKind(r.Kind), Sealed: r.Sealed, Public: r.PublicKey, Hint: r.Hint,
		CreatedAt: r.CreatedAt.Time, RetiresAt: r.RetiresAt.ptr(),
	}
}

// filterRow is a filter as JSON; what is not set is left out.
type filterRow struct {
	ContentTypes []string  `json:"content_types,omitempty"`
	MinSize      int64     `json:"min_size,omitempty"`
	MaxSize      int64     `json:"max_size,omitempty"`
	Uploaders    []string  `json:"uploaders,omitempty"`
	BatchLabel   string    `json:"batch_label,omitempty"`
	Metadata     []ruleRow `json:"metadata,omitempty"`
}

type ruleRow struct {
	Key   string  `json:"key"`
	Value *string `json:"value,omitempty"` // null for any
}

func fromFilter(f domain.Filter) filterRow {
	r := filterRow{ContentTypes: cleanAll(f.ContentTypes), MinSize: f.MinSize, MaxSize: f.MaxSize, Uploaders: cleanAll(f.Uploaders), BatchLabel: clean(f.BatchLabel)}
	for _, m := range f.Metadata {
		rule := ruleRow{Key: clean(m.Key)}
		if !m.Any {
			value := clean(m.Value)
			rule.Value = &value
		}
		r.Metadata = append(r.Metadata, rule)
	}
	return r
}

func (r filterRow) filter() domain.Filter {
	f := domain.Filter{ContentTypes: r.ContentTypes, MinSize: r.MinSize, MaxSize: r.MaxSize, Uploaders: r.Uploaders, BatchLabel: r.BatchLabel}
	for _, m := range r.Metadata {
		rule := domain.MetadataRule{Key: m.Key, Any: m.Value == nil}
		if m.Value != nil {
			rule.Value = *m.Value
		}
		f.Metadata = append(f.Metadata, rule)
	}
	return f
}

func cleanAll(words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, clean(w))
	}
	return out
}

// certRow is a client certificate as JSON; null for none.
type certRow struct {
	Sealed      string `json:"sealed"`
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	NotBefore   stamp  `json:"not_before"`
	NotAfter    stamp  `json:"not_after"`
	Fingerprint string `json:"fingerprint"`
}

func fromCert(c *domain.ClientCert) *certRow {
	if c == nil {
		return nil
	}
	return &certRow{c.Sealed, clean(c.Subject), clean(c.Issuer), at(c.NotBefore), at(c.NotAfter), c.Fingerprint}
}

func (r *certRow) cert() *domain.ClientCert {
	if r == nil {
		return nil
	}
	return &domain.ClientCert{Sealed: r.Sealed, Subject: r.Subject, Issuer: r.Issuer, NotBefore: r.NotBefore.Time, NotAfter: r.NotAfter.Time, Fingerprint: r.Fingerprint}
}
