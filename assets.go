package main

import "embed"

// assets are the pages, the built CSS and JavaScript, and the migrations.
//
//go:embed templates static migrations
var assets embed.FS
