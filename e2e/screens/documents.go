package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
)

var labels = []string{"Vessel Elbe, arrivals", "Yard and gate, week 47", "Invoice run, November", "Customs Rotterdam", "Reefer claims"}

// kinds are the documents of a freight forwarder.
var kinds = []struct{ name, head string }{
	{"customs-declaration-%d.pdf", "%PDF-1.7\n"},
	{"bill-of-lading-HLX-%d.pdf", "%PDF-1.7\n"},
	{"invoice-run-%d.csv", "invoice;consignee;amount\n"},
	{"gate-camera-%d.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"},
	{"cmr-waybill-%d.pdf", "%PDF-1.7\n"},
	{"temperature-log-reefer-%d.csv", "at;celsius\n"},
	{"packing-list-%d.pdf", "%PDF-1.7\n"},
	{"cmr-waybills-%d.zip", ""},
}

// document is the n-th file that is handed in, of 30 KB to 2 MB.
func document(n int, r *rand.Rand) (name string, content []byte) {
	k := kinds[n%len(kinds)]
	name = fmt.Sprintf(k.name, 4000+n*37%5000)
	if n%67 == 40 {
		return fmt.Sprintf("pod-scan-%d.tiff", 88000+n), archive("scan.tif", []byte("not a picture"))
	}
	size := 30_000 << r.IntN(6)
	size += r.IntN(size)
	if k.head == "" {
		return name, archive("waybills.bin", noise(r, size))
	}
	if k.name[len(k.name)-3:] == "csv" {
		return name, append([]byte(k.head), bytes.Repeat([]byte("HLXU-440118;4471;23.10\n"), size/23)...)
	}
	return name, append([]byte(k.head), noise(r, size)...)
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func archive(name string, content []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
