import { IconCheck } from '@tabler/icons-react'
import { t } from '@/strings'
import classes from './Steps.module.css'

export type Step = keyof typeof t.welcome.steps

/** How far the way is. */
export function Steps({ current, order }: { current: Step; order: Step[] }) {
  const at = order.indexOf(current)
  return (
    <ol className={classes.root}>
      {order.map((step, i) => (
        <li key={step} className={classes.step} data-state={i < at ? 'done' : i === at ? 'now' : 'next'} aria-current={i === at ? 'step' : undefined}>
          <span className={classes.mark} aria-hidden>
            {i < at ? <IconCheck size={13} stroke={3} /> : i + 1}
          </span>
          {t.welcome.steps[step]}
        </li>
      ))}
    </ol>
  )
}
