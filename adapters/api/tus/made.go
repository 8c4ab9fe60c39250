package tus

import (
	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// Headers of ours on the answers about a complete upload: the file that it
// became, for /api/v1/files/<id>, and what the server hashed, so that a client
// can compare without asking again.
const (
	hFileID = "X-File-Id"
	hSHA256 = "X-File-Sha256"
)

// setFile tells which file a complete upload is. A file whose hash is not with
// the session (sent in parts, or joined) has no X-File-Sha256.
func setFile(c *fiber.Ctx, s *domain.UploadSession) {
	if s.Status != domain.SessionComplete || s.FileID == nil {
		return
	}
	c.Set(hFileID, s.FileID.String())
	if sum := s.SHA256(); sum != "" {
		c.Set(hSHA256, sum)
	}
}
