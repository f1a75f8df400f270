/** A small waterfall. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <rect x="2" y="4" width="20" height="4" rx="2" fill="var(--service-1)" />
      <rect x="6" y="10" width="12" height="4" rx="2" fill="var(--service-7)" />
      <rect x="10" y="16" width="9" height="4" rx="2" fill="var(--service-2)" />
    </svg>
  )
}
