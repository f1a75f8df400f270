// Before the components, whose own rules come after these.
import './styles/index.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ViewerApp } from './ViewerApp.tsx'
import { createViewer } from './viewer/viewer.ts'

// The collector itself serves this page, so that there is nothing to configure; and a page that
// looks at traces makes none.
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ViewerApp viewer={createViewer(window.location.origin)} />
  </StrictMode>,
)
