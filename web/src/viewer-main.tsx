// Before the components, whose own rules come after these.
import './styles/index.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createExplorer } from './explorer/explorer.ts'
import { queryUrlOf, readSource } from './source/source.ts'
import { ViewerApp } from './ViewerApp.tsx'
import { restoreTimeZone } from './viewer/time-zone.ts'

restoreTimeZone(window.localStorage)

const source = readSource(window.location.href)
const queryUrl = queryUrlOf(window.location.origin, source)

// The collector itself serves this page, so that there is nothing to configure; and a page that
// looks at traces makes none.
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ViewerApp explorer={createExplorer(queryUrl)} source={source} />
  </StrictMode>,
)
