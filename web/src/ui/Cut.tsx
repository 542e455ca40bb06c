import classes from './Cut.module.css'

/** A text that is cut off where its place ends; whole where it is pointed at. */
export function Cut({ children, most = 240, mono, strong }: { children: string; most?: number; mono?: boolean; strong?: boolean }) {
  return (
    <span className={classes.root} data-mono={mono || undefined} data-strong={strong || undefined} style={{ maxWidth: most }} title={children}>
      {children}
    </span>
  )
}
