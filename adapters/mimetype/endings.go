package mimetype

import "strings"

// table lists endings by type, in the names that the sniffer uses. Endings
// that stand for several things (ts, dat, bin, key, pub) are left out: they say
// nothing about the bytes.
const table = `
application/pdf                                    pdf
application/postscript                             ps eps
application/msword                                 doc dot
application/vnd.ms-excel                           xls xlt
application/vnd.ms-powerpoint                      ppt pps pot
application/vnd.ms-outlook                         msg
application/x-ms-installer                         msi
application/vnd.openxmlformats-officedocument.wordprocessingml.document   docx docm dotx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet         xlsx xlsm xltx
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx pptm ppsx
application/vnd.oasis.opendocument.text            odt
application/vnd.oasis.opendocument.spreadsheet     ods
application/vnd.oasis.opendocument.presentation    odp
application/vnd.oasis.opendocument.graphics        odg
application/epub+zip                               epub
application/zip                                    zip
application/java-archive                           jar war ear
application/vnd.android.package-archive            apk
application/vnd.google-earth.kmz                   kmz
application/gzip                                   gz tgz
application/x-bzip2                                bz2
application/x-xz                                   xz txz
application/zstd                                   zst
application/x-7z-compressed                        7z
application/vnd.rar                                rar
application/x-tar                                  tar
application/vnd.sqlite3                            sqlite sqlite3
application/vnd.apache.parquet                     parquet
application/wasm                                   wasm
application/vnd.microsoft.portable-executable      exe dll sys scr com cpl ocx drv efi
application/x-elf                                  elf so o ko axf
application/x-mach-binary                          dylib macho
application/x-ms-shortcut                          lnk
application/vnd.debian.binary-package              deb
application/x-rpm                                  rpm
application/json                                   json har map webmanifest
application/x-ndjson                               ndjson jsonl
application/geo+json                               geojson
application/yaml                                   yaml yml
application/toml                                   toml
application/sql                                    sql
application/x-subrip                               srt
application/rss+xml                                rss
application/atom+xml                               atom
application/gpx+xml                                gpx
application/vnd.google-earth.kml+xml               kml
application/xhtml+xml                              xhtml
text/html                                          html htm
text/xml                                           xml xsd xsl xslt
text/plain                                         txt text log conf cfg ini
text/csv                                           csv
text/tab-separated-values                          tsv
text/markdown                                      md markdown
text/calendar                                      ics
text/vcard                                         vcf
text/rtf                                           rtf
text/css                                           css
text/javascript                                    js mjs cjs
text/x-python                                      py
text/x-shellscript                                 sh bash
text/x-php                                         php
text/x-ruby                                        rb
text/x-perl                                        pl
text/x-lua                                         lua
text/x-go                                          go
text/vtt                                           vtt
message/rfc822                                     eml
image/png                                          png
image/apng                                         apng
image/jpeg                                         jpg jpeg jpe jfif
image/gif                                          gif
image/tiff                                         tif tiff
image/webp                                         webp
image/bmp                                          bmp dib
image/heic                                         heic
image/heif                                         heif hif
image/avif                                         avif
image/svg+xml                                      svg
image/x-icon                                       ico cur
image/vnd.adobe.photoshop                          psd
image/jxl                                          jxl
image/vnd.dxf                                      dxf
image/vnd.dwg                                      dwg
audio/mpeg                                         mp3
audio/aac                                          aac
audio/wav                                          wav
audio/flac                                         flac
audio/ogg                                          oga opus
audio/x-m4a                                        m4a m4b
audio/midi                                         mid midi
audio/aiff                                         aif aiff
application/ogg                                    ogg
video/ogg                                          ogv
video/mp4                                          mp4
video/x-m4v                                        m4v
video/quicktime                                    mov qt
video/3gpp                                         3gp
video/webm                                         webm
video/matroska                                     mkv mka
video/mpeg                                         mpg mpeg
video/x-msvideo                                    avi
video/x-ms-asf                                     wmv wma asf
video/x-flv                                        flv
font/ttf                                           ttf
font/otf                                           otf
font/woff                                          woff
font/woff2                                         woff2
`

// endings maps an ending without its dot to a type.
var endings = readTable(table)

func readTable(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for i := 1; i < len(words); i++ {
			out[words[i]] = words[0]
		}
	}
	return out
}
