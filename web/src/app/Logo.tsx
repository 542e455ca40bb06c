import { base } from '@/base'
import { t } from '@/strings'
import classes from './Logo.module.css'

/** The product's sign and name. */
export function Logo() {
  return (
    <span className={classes.root}>
      <img src={`${base}/assets/icon.svg`} alt="" width={24} height={24} />
      {t.common.product}
    </span>
  )
}
