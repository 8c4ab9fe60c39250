// Package openapi holds the API to its description: every answer that a test
// sees under /api/v1 must be one that /api/v1/openapi.json promises, with its
// status, its content type, its required headers and not one field more.
package openapi
