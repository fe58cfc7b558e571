// Starts a DID directory and a personal data server, and prints where they are as one READY line.
//
// Environment: BLUESKY_PACKAGES (folder of node_modules), BLUESKY_PDS_PORT and BLUESKY_PLC_PORT
// (0: any free one), BLUESKY_RATE_LIMITS (on or off), BLUESKY_BLOB_LIMIT (bytes; 0: its default).
import { createRequire } from 'node:module'

const { env } = process
const { TestNetworkNoAppView } = createRequire(`${env.BLUESKY_PACKAGES}/`)('@atproto/dev-env')

// A key with an empty value would still hide the default.
function given(key, variable) {
  const number = Number(env[variable] ?? 0)
  return number ? { [key]: number } : {}
}

const network = await TestNetworkNoAppView.create({
  plc: given('port', 'BLUESKY_PLC_PORT'),
  pds: {
    ...given('port', 'BLUESKY_PDS_PORT'),
    ...given('blobUploadLimit', 'BLUESKY_BLOB_LIMIT'),
    hostname: 'localhost',
    enableDidDocWithSession: true,
    rateLimitsEnabled: env.BLUESKY_RATE_LIMITS === 'on',
  },
})

console.log('READY', JSON.stringify({ pds: network.pds.url, plc: network.plc.url }))
