export { maxFileBytes, maxSpans } from './limits.ts'
export { readTraceFile } from './read-trace-file.ts'
export { TraceFileError } from './trace-file-error.ts'
