import { exportSpans } from '../collector/src/files/export-spans.ts'
import { fileArgument } from './file-argument.ts'
import { exitWith, settingsOrExit } from './settings.ts'

// Everything that is stored, as plain OTLP, in a file. A collector may be running meanwhile.

const { dataDir } = settingsOrExit()
const path = fileArgument('export')
try {
  const { requests, damagedBytes } = exportSpans(dataDir, path)
  console.log(`pingtrace: wrote ${requests} requests to ${path}`)
  if (damagedBytes > 0) {
    console.error(`pingtrace: ${damagedBytes} bytes of ${dataDir} are damaged, and not in it`)
  }
} catch (error) {
  exitWith(error)
}
