import classes from './Facts.module.css'

/** Names and values, one under the other; what has no value is left out. */
export function Facts({ rows }: { rows: [string, React.ReactNode][] }) {
  return (
    <dl className={classes.root}>
      {rows
        .filter(([, value]) => value != null && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name} className={classes.row}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
