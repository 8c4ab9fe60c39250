// Uploads one file with tus-js-client and tells what happens, a JSON object a
// line. Its argument is an object in JSON:
//
//   endpoint, token, file, name   what goes where
//   protocol                      tus-v1, ietf-draft-03 or ietf-draft-05
//   chunkSize, parallel           bytes of a request, uploads side by side
//   deferred                      read as a stream whose length nobody knows
//   override                      PATCH as POST with X-HTTP-Method-Override
//   atOnce                        the first bytes come with the creation
//   pauseAt, then                 after so many bytes: "start" the same object
//                                 again, go on in "another", or "terminate"
import fs from 'node:fs'
import { PassThrough } from 'node:stream'
import { Upload } from 'tus-js-client'

const o = JSON.parse(process.argv[2])
const tell = (event, more = {}) => console.log(JSON.stringify({ event, ...more }))

let paused = o.pauseAt === undefined
let upload

function make(more = {}) {
  // Through another stream: the length of one that has a path would be read from the disk.
  const source = o.deferred ? fs.createReadStream(o.file).pipe(new PassThrough({ highWaterMark: 100_000 })) : fs.readFileSync(o.file)
  return new Upload(source, {
    endpoint: o.endpoint,
    protocol: o.protocol,
    chunkSize: o.chunkSize ?? Number.POSITIVE_INFINITY,
    parallelUploads: o.parallel ?? 1,
    uploadLengthDeferred: o.deferred ?? false,
    overridePatchMethod: o.override ?? false,
    uploadDataDuringCreation: o.atOnce ?? false,
    retryDelays: Array(600).fill(100),
    headers: { Authorization: `Bearer ${o.token}` },
    metadata: { filename: o.name },
    onChunkComplete: (_size, offset) => {
      tell('chunk', { offset })
      if (!paused && offset >= o.pauseAt) {
        paused = true
        pause()
      }
    },
    onShouldRetry: () => true,
    onError: (error) => {
      tell('error', { message: String(error) })
      process.exitCode = 1
    },
    onSuccess: () => tell('success', { url: upload.url }),
    ...more,
  })
}

async function pause() {
  await upload.abort(o.then === 'terminate')
  tell('paused', { url: upload.url })
  if (o.then === 'start') upload.start()
  if (o.then === 'another') {
    upload = make({ uploadUrl: upload.url })
    upload.start()
  }
}

upload = make()
upload.start()
