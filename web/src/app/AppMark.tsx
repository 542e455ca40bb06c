import classes from './AppMark.module.css'

const hues = [28, 155, 210, 265, 330, 0, 95, 185]

/** A small square by which an application is known at a glance. */
export function AppMark({ name, size = 22 }: { name: string; size?: number }) {
  let sum = 0
  for (const c of name) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) % 9973
  const hue = hues[sum % hues.length] ?? 28
  return (
    <span
      aria-hidden
      className={classes.mark}
      style={{ width: size, height: size, fontSize: size * 0.5, background: `hsl(${hue} 42% 38%)` }}
    >
      {Array.from(name)[0]?.toUpperCase()}
    </span>
  )
}
