package mimetype

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	lib "github.com/gabriel-vasile/mimetype"

	"doorito/domain"
	"doorito/ports/portstest"
)

func TestSnifferContract(t *testing.T) {
	t.Parallel()
	portstest.Sniffer(t, NewSniffer())
}

// zipped makes a ZIP archive with these entries, stored as they are.
func zipped(tb testing.TB, entries ...string) string {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		name, content, _ := strings.Cut(e, "=")
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			tb.Fatal(err)
		}
		_, _ = w.Write([]byte(content))
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func drawn(tb testing.TB, kind string) string {
	tb.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3)))
	case "jpeg":
		err = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3)), nil)
	case "gif":
		err = gif.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3)), nil)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// samples are real files, made here or by hand, by what they are.
func samples(tb testing.TB) map[string]string {
	tb.Helper()
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		tb.Fatal(err)
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write([]byte("hello"))
	_ = w.Close()
	const types = "[Content_Types].xml=<Types/>"
	return map[string]string{
		"empty": "", "bytes": "\x00\x01\x02\x03\xfe\xff\x00", "text": "Dear all,\nplease find enclosed.\n",
		"latin1": "Gr\xfc\xdfe aus M\xfcnchen\n", "utf16": "\xff\xfeh\x00i\x00", "mztext": "MZ-9023;Schraube;12,40\nBM\n", "id3text": "ID3 tags explained",
		"csv": "id,name,price\n1,nut,0.10\n2,bolt,0.20\n", "tsv": "id\tname\n1\tnut\n2\tbolt\n", "json": `{"a": [1, 2, {"b": null}]}`,
		"ndjson": "{\"a\":1}\n{\"a\":2}\n", "md": "# Title\n\nSome *words*.\n", "mdhtml": "<h1>Title</h1>\n\nwords",
		"ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "xml": `<?xml version="1.0"?><invoice><total>3</total></invoice>`,
		"svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "html": "<!DOCTYPE html><html><script>alert(1)</script></html>",
		"rtf": `{\rtf1\ansi hello}`, "sh": "#!/bin/sh\nrm -rf x\n", "py": "#!/usr/bin/env python3\nprint(1)\n",
		"pdf": "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "png": drawn(tb, "png"), "jpeg": drawn(tb, "jpeg"), "gif": drawn(tb, "gif"),
		"tiff": "II*\x00\x08\x00\x00\x00\x00\x00", "bmp": "BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00",
		"webp": "RIFF\x24\x00\x00\x00WEBPVP8 ", "zip": zipped(tb, "readme.txt=hello", "data/a.bin=1"), "gzip": gz.String(),
		"docx":  zipped(tb, types, "_rels/.rels=<R/>", "word/document.xml=<w/>"),
		"xlsx":  zipped(tb, types, "_rels/.rels=<R/>", "xl/workbook.xml=<w/>"),
		"pptx":  zipped(tb, types, "_rels/.rels=<R/>", "ppt/presentation.xml=<w/>"),
		"docx2": zipped(tb, "docProps/app.xml="+strings.Repeat("x", 4000), types, "word/document.xml=<w/>"),
		"odt":   zipped(tb, "mimetype=application/vnd.oasis.opendocument.text", "content.xml=<o/>"),
		"epub":  zipped(tb, "mimetype=application/epub+zip", "META-INF/container.xml=<c/>"),
		"jar":   zipped(tb, "META-INF/MANIFEST.MF=Manifest-Version: 1.0\r\n", "A.class=\xca\xfe\xba\xbe"),
		"apk":   zipped(tb, "AndroidManifest.xml=\x03\x00", "classes.dex=dex\n035", "META-INF/MANIFEST.MF=x"),
		"ole":   "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600),
		"mp4":   "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "m4v": "\x00\x00\x00\x18ftypM4V \x00\x00\x02\x00M4V mp42",
		"mov": "\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "m4a": "\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00M4A mp42",
		"heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "webm": "\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
		"mp3": "ID3\x04\x00\x00\x00\x00\x00\x23TSSE\x00\x00", "mp3raw": "\xff\xfb\x90\x64" + strings.Repeat("\x00", 500), "wav": "RIFF\x24\x00\x00\x00WAVEfmt ",
		"exe": "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "elf": string(program[:4096]), "7z": "7z\xbc\xaf\x27\x1c\x00\x04",
	}
}

func TestSamplesUnderTheirNames(t *testing.T) {
	t.Parallel()
	s, files, anything := NewSniffer(), samples(t), domain.UploadPolicy{}
	for _, c := range []struct{ sample, names string }{
		{"empty", "a.pdf a.txt a.zip a.docx a"}, {"bytes", "a.bin a.dat a.pdf a.unheard-of a"},
		{"text", "a.txt a.md a.csv a.json a.html a.log a"}, {"latin1", "a.txt a.csv"}, {"utf16", "a.txt a.csv"}, {"mztext", "a.txt a.csv"}, {"id3text", "a.txt"},
		{"csv", "a.csv a.txt a.xls"}, {"tsv", "a.tsv a.csv a.txt"}, {"json", "a.json a.txt a.geojson a.map"}, {"ndjson", "a.ndjson a.jsonl a.json"},
		{"md", "a.md a.txt"}, {"mdhtml", "a.md a.html"}, {"ics", "a.ics a.txt"}, {"xml", "a.xml a.txt a.svg a.kml"}, {"svg", "a.svg a.xml"},
		{"html", "a.html a.htm a.xhtml a.txt a.xls"}, {"rtf", "a.rtf a.doc"}, {"sh", "a.sh a.txt a"}, {"py", "a.py"},
		{"pdf", "a.pdf A.PDF a a.unheard-of"}, {"png", "a.png"}, {"jpeg", "a.jpg a.jpeg a.JPE"}, {"gif", "a.gif"}, {"tiff", "a.tif a.tiff"},
		{"bmp", "a.bmp"}, {"webp", "a.webp"}, {"zip", "a.zip a.docx a.jar a.epub"}, {"gzip", "a.gz a.tgz"},
		{"docx", "a.docx a.zip a.doc"}, {"xlsx", "a.xlsx a.zip"}, {"pptx", "a.pptx"}, {"docx2", "a.docx"}, {"odt", "a.odt a.zip"},
		{"epub", "a.epub a.zip"}, {"jar", "a.jar a.zip"}, {"apk", "a.apk a.zip"}, {"ole", "a.doc a.xls a.ppt a.msg a.docx"},
		{"mp4", "a.mp4 a.m4v a.mov"}, {"m4v", "a.m4v a.mp4"}, {"mov", "a.mov a.mp4"}, {"m4a", "a.m4a a.mp4"}, {"heic", "a.heic a.heif"},
		{"webm", "a.webm a.mkv"}, {"mp3", "a.mp3"}, {"mp3raw", "a.mp3"}, {"wav", "a.wav"}, {"exe", "a.exe a.dll a a.unheard-of"}, {"elf", "a.so a.elf a a.bin"}, {"7z", "a.7z"},
	} {
		for name := range strings.FieldsSeq(c.names) {
			chain := s.Sniff([]byte(files[c.sample]))
			if err := anything.CheckType(name, chain, s.ByName(name)); err != nil {
				t.Errorf("%s as %s: %v (%v)", c.sample, name, err, chain)
			}
		}
	}
}

func TestSamplesUnderFalseNames(t *testing.T) {
	t.Parallel()
	s, files, anything := NewSniffer(), samples(t), domain.UploadPolicy{}
	for _, c := range []struct{ sample, name, say string }{
		{"zip", "scan.tiff", "This is a ZIP archive named .tiff, so it was refused. Rename it or send the right file."},
		{"zip", "a.pdf", "This is a ZIP archive named .pdf"}, {"zip", "a.csv", "This is a ZIP archive named .csv"},
		{"html", "a.pdf", "This is an HTML page named .pdf"}, {"html", "a.PNG", "This is an HTML page named .png"}, {"html", "a.docx", "an HTML page named .docx"},
		{"exe", "a.pdf", "This is a program named .pdf"}, {"exe", "a.doc", "This is a program named .doc"}, {"exe", "a.txt", "a program named .txt"},
		{"exe", "a.parquet", "a program named .parquet"}, {"elf", "a.jpg", "This is a program named .jpg"}, {"elf", "a.html", "a program named .html"},
		{"png", "a.jpg", "This is a PNG image named .jpg"}, {"jpeg", "a.png", "This is a JPEG image named .png"}, {"png", "a.txt", "a PNG image named .txt"},
		{"pdf", "a.docx", "This is a PDF named .docx"}, {"pdf", "a.jpg", "This is a PDF named .jpg"}, {"docx", "a.pdf", "This is a Word document named .pdf"},
		{"docx", "a.csv", "This is a Word document named .csv"}, {"svg", "a.png", "This is an SVG image named .png"}, {"mp4", "a.mp3", "This is a video named .mp3"},
		{"mp3", "a.mp4", "This is an audio file named .mp4"}, {"heic", "a.mp4", "This is a HEIC image named .mp4"}, {"heic", "a.jpg", "a HEIC image named .jpg"},
		{"json", "a.png", "This is a JSON file named .png"}, {"7z", "a.zip", "This is a 7-Zip archive named .zip"}, {"gzip", "a.zip", "a GZIP archive named .zip"},
		{"sh", "a.jpg", "named .jpg"}, {"jar", "a.pdf", "a Java archive named .pdf"},
	} {
		chain := s.Sniff([]byte(files[c.sample]))
		err := anything.CheckType(c.name, chain, s.ByName(c.name))
		if !domain.IsCode(err, domain.UnsupportedType) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s as %s: %v, want %q (%v)", c.sample, c.name, err, c.say, chain)
		}
	}
}

func TestAllowedTypes(t *testing.T) {
	t.Parallel()
	s, files := NewSniffer(), samples(t)
	for _, c := range []struct {
		allowed, sample, name string
		want                  bool
	}{
		{"application/pdf", "pdf", "a.pdf", true}, {"application/pdf", "pdf", "a", true}, {"APPLICATION/PDF", "pdf", "a.pdf", true},
		{"application/pdf", "png", "a.png", false}, {"application/pdf", "text", "a.pdf", false}, {"application/pdf", "empty", "a.pdf", false},
		{"application/pdf", "bytes", "a.pdf", false}, {"image/*", "png", "a.png", true}, {"image/*", "jpeg", "a", true}, {"image/*", "mp4", "a.mp4", false},
		{"image/*", "text", "a.png", false}, {"image/*", "bytes", "a.dwg", true}, {"image/jpg", "jpeg", "a.jpg", true}, {"*/*", "exe", "a.exe", true},
		{"text/csv", "csv", "a.csv", true}, {"text/csv", "text", "a.csv", true}, {"text/csv", "latin1", "a.csv", true}, {"text/csv", "mztext", "a.csv", true},
		{"text/csv", "html", "a.csv", false}, {"text/csv", "bytes", "a.csv", false}, {"text/csv", "text", "a.txt", false}, {"text/csv", "tsv", "a.csv", true},
		{"text/plain", "text", "a.txt", true}, {"text/plain", "json", "a.txt", true}, {"text/plain", "html", "a.html", false}, {"text/plain", "html", "a.txt", false},
		{"text/plain", "svg", "a.txt", false}, {"text/plain", "empty", "a.txt", true}, {"text/plain", "sh", "a", true}, {"text/markdown", "md", "a.md", true},
		{"text/calendar", "ics", "a.ics", true}, {"application/xml", "xml", "a.xml", true}, {"text/html", "html", "a.html", true}, {"image/svg+xml", "svg", "a.svg", true},
		{"application/json", "json", "a.json", true}, {"application/json", "text", "a.json", true},
		{"application/zip", "zip", "a.zip", true}, {"application/zip", "docx", "a.zip", true}, {"application/zip", "docx", "a.docx", false},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "a.docx", true},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx2", "a.docx", true},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "zip", "a.zip", false},
		{"application/msword", "ole", "a.doc", true}, {"video/*", "heic", "a.heic", false}, {"video/mp4", "mov", "a.mp4", true}, {"video/mp4", "mov", "a.mov", false},
		{"application/octet-stream", "bytes", "a.bin", true}, {"application/octet-stream", "exe", "a.exe", false}, {"image/*, text/plain", "png", "a.png", true},
	} {
		p := domain.UploadPolicy{AllowedTypes: strings.Split(c.allowed, ",")}
		chain := s.Sniff([]byte(files[c.sample]))
		if err := p.CheckType(c.name, chain, s.ByName(c.name)); (err == nil) != c.want {
			t.Errorf("%s allowed, %s as %s: %v (%v)", c.allowed, c.sample, c.name, err, chain)
		}
	}
}

func TestContentTypeThatIsKept(t *testing.T) {
	t.Parallel()
	s, files := NewSniffer(), samples(t)
	for _, c := range []struct{ sample, name, want string }{
		{"text", "a.csv", "text/csv"}, {"text", "a.md", "text/markdown"}, {"text", "a", "text/plain"}, {"text", "a.pdf", "text/plain"}, {"sh", "a", "text/x-shellscript"},
		{"html", "a.txt", "text/html"}, {"html", "a.html", "text/html"}, {"json", "a.json", "application/json"}, {"bytes", "a.bin", "application/octet-stream"},
		{"pdf", "a.pdf", "application/pdf"}, {"docx", "a.zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"docx2", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, {"zip", "a.zip", "application/zip"}, {"ole", "a.doc", "application/msword"},
	} {
		if got := domain.ContentType(s.Sniff([]byte(files[c.sample])), s.ByName(c.name)); got != c.want {
			t.Errorf("%s as %s: %s, want %s", c.sample, c.name, got, c.want)
		}
	}
}

// Where the library recognises a type that the table names, both must call it
// by the same name, or CheckType would see two types.
func TestTableUsesTheLibrarysNames(t *testing.T) {
	t.Parallel()
	for ending, typ := range endings {
		if m := lib.Lookup(typ); m != nil {
			if name, _, _ := strings.Cut(m.String(), ";"); name != typ {
				t.Errorf(".%s is %s, the library says %s", ending, typ, name)
			}
		}
		if strings.Count(typ, "/") != 1 || ending != strings.ToLower(ending) {
			t.Errorf("%q: %q", ending, typ)
		}
	}
}
