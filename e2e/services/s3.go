package services

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// S3Server is a private versitygw over a folder, with path-style buckets. It
// keeps its port and its objects over Stop and Start.
type S3Server struct {
	Endpoint  string
	Region    string
	AccessKey string
	SecretKey string
	Bucket    string // made at the start

	dir  string
	args []string
	log  string
	port int
	proc *process
}

const (
	s3Region = "us-east-1"
	s3Bucket = "doorito"
)

func startS3(dir string) (*S3Server, error) {
	objects := filepath.Join(dir, "objects")
	if err := os.MkdirAll(objects, 0o700); err != nil {
		return nil, err
	}
	server := &S3Server{Region: s3Region, AccessKey: "test" + rand.Text()[:16], SecretKey: rand.Text(),
		dir: objects, log: dir + ".log", args: []string{"posix"}}
	// Object metadata lives in extended attributes; where the file system of the
	// temporary folder has none, it goes to files beside the objects.
	if err := syscall.Setxattr(dir, "user.doorito", []byte("1"), 0); err != nil {
		sidecar := filepath.Join(dir, "metadata")
		if err := os.Mkdir(sidecar, 0o700); err != nil {
			return nil, err
		}
		server.args = append(server.args, "--sidecar", sidecar)
	}
	server.args = append(server.args, objects)
	err := onFreePort(func(port int) error {
		server.port = port
		server.Endpoint = "http://" + loopback(port)
		return server.Start()
	})
	if err != nil {
		return server, err
	}
	server.Bucket = s3Bucket
	return server, makeBucket(objects, s3Bucket)
}

// Start starts a stopped server and returns when it answers.
func (s *S3Server) Start() error {
	program, err := findS3()
	if err != nil {
		return err
	}
	args := append([]string{"--port", loopback(s.port), "--region", s.Region, "--health", "/health-" + s.AccessKey, "--quiet"}, s.args...)
	s.proc, err = start(spec{name: "S3 (versitygw)", path: program, args: args, logPath: s.log, onDeath: syscall.SIGKILL,
		env: []string{"ROOT_ACCESS_KEY=" + s.AccessKey, "ROOT_SECRET_KEY=" + s.SecretKey}})
	if err != nil {
		return err
	}
	return s.proc.waitReady(s.ping)
}

// Stop ends the server at once: an outage. versitygw's own graceful stop waits
// for idle connections, which only costs the tests time.
func (s *S3Server) Stop() { s.proc.stop(syscall.SIGKILL) }

// ping asks a path that only our server answers, since it carries our key.
func (s *S3Server) ping() error {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(s.Endpoint + "/health-" + s.AccessKey)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("health answered %s", answer.Status)
	}
	return nil
}

// makeBucket relies on versitygw's contract that a folder is a bucket.
func makeBucket(dir, name string) error {
	if dir == "" {
		return errors.New(envS3Dir + " is not set; run \"make test\", or unset " + EnvS3Endpoint)
	}
	return os.Mkdir(filepath.Join(dir, name), 0o700)
}
