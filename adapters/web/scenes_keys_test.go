package web_test

import (
	"time"

	"doorito/domain"
)

// keyed gives an endpoint all that it may have: secrets of both kinds in the
// middle of a rotation, headers, conditions and a certificate near its end.
func keyed(e *domain.Endpoint, word string) {
	e.Secrets = []domain.EndpointSecret{
		{ID: id(310), Kind: domain.SecretHMAC, Hint: "C2Fv…3nRk", CreatedAt: noon.AddDate(0, -3, 0), RetiresAt: ptr(noon.Add(21 * time.Hour))},
		{ID: id(311), Kind: domain.SecretHMAC, Hint: "MfKQ…LaSw", CreatedAt: noon.Add(-3 * time.Hour)},
		{ID: id(312), Kind: domain.SecretEd25519, Public: "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", CreatedAt: noon.Add(-2 * time.Hour)},
	}
	e.Headers = map[string]string{"X-Tenant": "sealed", "Authorization": "sealed"}
	e.Filter = domain.Filter{ContentTypes: []string{"image/*"}, MinSize: 1000, Uploaders: []string{word}, BatchLabel: word, Metadata: []domain.MetadataRule{{Key: word, Value: word}}}
	e.ClientCert = &domain.ClientCert{
		Sealed: "sealed", Subject: "CN=" + word, Issuer: "CN=" + word, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(0, 0, 12),
		Fingerprint: "9f2c41d09f2c60bf9f2c7fae9f2c9e9d9f2cbd8c9f2cdc7b9f2cfb6a9f2d1a59",
	}
}

// history is what people did with an endpoint.
func history(word string) []*domain.AuditEntry {
	admin := domain.Actor{UserID: id(1), Name: word}
	at := func(hours int) time.Time { return noon.Add(-time.Duration(hours) * time.Hour) }
	return []*domain.AuditEntry{
		domain.NewAuditEntry(id(901), admin, "endpoint.created", "endpoint", id(200), map[string]string{"name": word, "url": "https://receiver.example"}, at(90)),
		domain.NewAuditEntry(id(902), admin, "endpoint.changed", "endpoint", id(200), map[string]string{"filter": "none → " + word}, at(50)),
		domain.NewAuditEntry(id(903), admin, "endpoint.secret_rotated", "endpoint", id(200), map[string]string{"kind": "v1", "overlap": "24 h"}, at(3)),
		domain.NewAuditEntry(id(904), admin, "endpoint.secret_revealed", "endpoint", id(200), map[string]string{"secret": id(311).String()}, at(2)),
		domain.NewAuditEntry(id(905), domain.System(), "endpoint.disabled", "endpoint", id(200), map[string]string{"reason": "It answered 410."}, at(1)),
	}
}
