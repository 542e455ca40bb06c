import classes from './StatusDot.module.css'

export type Tone = 'quiet' | 'good' | 'bad' | 'warn' | 'info'

/** A state: a colored dot and its word. The word alone says it all. */
export function StatusDot({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  return (
    <span className={classes.root} data-tone={tone}>
      {children}
    </span>
  )
}
