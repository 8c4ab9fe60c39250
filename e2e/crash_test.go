package e2e

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorito/e2e/services"
	"doorito/e2e/world"
)

// The crash table of the design: "`completing` / blob completed", from outside.
// The web process dies between the two, since the storage is away; nobody comes
// back for the upload, and yet it is stored and announced within a minute.
func TestCrashCompletingBlobCompletedWithoutAnybodyComingBack(t *testing.T) {
	t.Parallel()
	s3 := services.Private(t, services.WantS3).S3
	d := production(t, "AWS_STORAGE_BUCKET_NAME="+s3.Bucket, "AWS_S3_ENDPOINT_URL="+s3.Endpoint,
		"AWS_ACCESS_KEY_ID="+s3.AccessKey, "AWS_SECRET_ACCESS_KEY="+s3.SecretKey)
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	c := d.WithToken(t, d.Token(t, "upload,read"))
	content := strings.Repeat("durable.", 1<<20) // a part just full: to go on needs no storage, to end does
	res, err := tusDo(t, c, http.MethodPost, "/files/", nil, map[string]string{
		"Upload-Defer-Length": "1", "Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte("long.txt")),
	})
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%v, %v", res, err)
	}
	at := res.Header.Get("Location")
	patch := map[string]string{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
	if res, err = tusDo(t, c, http.MethodPatch, at, strings.NewReader(content), patch); err != nil || res.StatusCode != http.StatusNoContent {
		t.Fatalf("%v, %v", res, err)
	}
	s3.Stop()
	size := strconv.Itoa(len(content))
	patch["Upload-Offset"], patch["Upload-Length"] = size, size
	if res, err = tusDo(t, c, http.MethodPatch, at, http.NoBody, patch); err != nil || res.StatusCode < 500 {
		t.Fatalf("it was completed without a storage: %v, %v", res, err)
	}
	d.Kill()
	if err := s3.Start(); err != nil {
		t.Fatal(err)
	}
	d.MustRestart(t)
	// The minute, and what a busy machine adds to it.
	world.Within(t, 75*time.Second, "the file is announced", func() bool { return len(r.Got()) > 0 })
}
