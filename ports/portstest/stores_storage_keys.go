package portstest

import (
	"time"

	"doorito/domain"
	"doorito/ports"
)

var storageKeyPromises = map[string]func(*store){
	"a storage key is in use as long as a row needs it": storageKeysInUse,
	"no storage keys have no uses":                      storageKeysNone,
}

func storageKeysInUse(s *store) {
	f := func(status domain.FileStatus, purged bool) *domain.File {
		return s.file(func(f *domain.File) {
			if f.Status = status; purged {
				f.PurgedAt = ptr(noon.Add(time.Hour))
			}
		})
	}
	up := func(status domain.SessionStatus) *domain.UploadSession {
		return s.session(func(up *domain.UploadSession) {
			up.Kind, up.Status, up.StorageKey = domain.SessionPartial, status, domain.StorageKey(up.ID, noon)
		})
	}
	open, kept := ports.KeyUse{Open: true, Kept: true}, ports.KeyUse{Kept: true}
	want := map[string]ports.KeyUse{
		f(domain.FileUploading, false).StorageKey: open, f(domain.FileStored, false).StorageKey: kept,
		f(domain.FileDeleted, false).StorageKey: kept, f(domain.FileDeleted, true).StorageKey: {},
		f(domain.FileFailed, true).StorageKey: {}, up(domain.SessionInit).StorageKey: open,
		up(domain.SessionInProgress).StorageKey: open, up(domain.SessionCompleting).StorageKey: open,
		up(domain.SessionAborted).StorageKey: {}, up(domain.SessionComplete).StorageKey: {}, "uploads/2026/01/nobody": {},
	}
	both := f(domain.FileStored, false)
	s.session(func(up *domain.UploadSession) {
		up.FileID, up.Status, up.StorageKey = &both.ID, domain.SessionCompleting, both.StorageKey
	})
	want[both.StorageKey] = open
	var keys []string
	for key := range want {
		keys = append(keys, key)
	}
	got, err := s.db.Reads().StorageKeys.Uses(s.ctx, keys)
	s.ok(err)
	for key, use := range want {
		if got[key] != use {
			s.Errorf("%s: %+v, want %+v", key, got[key], use)
		}
	}
	if _, named := got["uploads/2026/01/nobody"]; named {
		s.Error("a key that no row names is in the map")
	}
}

func storageKeysNone(s *store) {
	got, err := s.db.Reads().StorageKeys.Uses(s.ctx, nil)
	s.ok(err)
	if len(got) != 0 {
		s.Errorf("%v", got)
	}
}
