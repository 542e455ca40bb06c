import { number } from '@/strings/plural'
import classes from './Ranking.module.css'

interface Row {
  label: string
  n: number
  /** Set in the type of code. */
  code?: boolean
  /** Stands out: the one that is meant. */
  marked?: boolean
}

/** Names with their numbers, and bars that compare them. */
export function Ranking({ rows }: { rows: Row[] }) {
  const top = Math.max(1, ...rows.map((r) => r.n))
  return (
    <ul className={classes.root}>
      {rows.map((r) => (
        <li key={r.label} className={classes.row} data-marked={r.marked || undefined}>
          <span className={r.code ? classes.code : classes.label} title={r.label}>
            {r.label}
          </span>
          <span className={classes.bar} aria-hidden>
            <i style={{ width: `${(100 * r.n) / top}%` }} />
          </span>
          <span className={classes.n}>{number(r.n)}</span>
        </li>
      ))}
    </ul>
  )
}
