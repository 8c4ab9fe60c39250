// Package s3 keeps blobs in a bucket of any S3-compatible storage.
//
//	up to one part    bytes are collected ──────────────── Commit: PutObject
//	more than that    UploadPart, a few at a time ──────── Commit: CompleteMultipartUpload
//	                                               └────── Abort: AbortMultipartUpload
//
// So an object is there whole or not at all. A part has 8 MiB; it is larger
// only where a file would otherwise need more than the 10,000 parts that S3
// allows. Objects are stored as application/octet-stream with Content-Disposition:
// attachment, so that a storage that serves them to a browser directly never
// makes it show them.
//
// # Memory
//
// Parts are collected in pages of 256 KiB from a common pool, and all writers
// of the process draw on one Budget. A part is charged whole before its first
// byte: whoever has begun one can finish it, so a crowd of half-filled parts
// can never wait for each other. Over the budget uploads wait in line and slow
// down; none fails.
//
// # What the storage must allow
//
// The keys need s3:GetObject, s3:PutObject, s3:DeleteObject,
// s3:AbortMultipartUpload, s3:ListBucketMultipartUploads and s3:ListBucket on
// the bucket. A lifecycle rule that aborts multipart uploads after a few days
// is a good second broom; the first is Delete, which removes what unfinished
// writers of a key left behind.
//
// The body of a request is signed over plain HTTP, and left to TLS to protect
// over HTTPS. Checksums that only some providers know are not sent.
package s3
