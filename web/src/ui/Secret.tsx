import { ActionIcon, Input, Tooltip } from '@mantine/core'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/strings'
import { CopyIcon } from './Copy'
import classes from './Secret.module.css'

/** A secret that shows when asked, and can be copied unseen. */
export function Secret({ label, description, value, shown: begin = false }: { label: string; description?: React.ReactNode; value: string; shown?: boolean }) {
  const [shown, show] = useState(begin)
  const word = shown ? t.common.hide : t.common.reveal
  return (
    <Input.Wrapper label={label} description={description} labelElement="div">
      <div className={classes.box}>
        <output className={classes.value} aria-label={label}>
          {shown ? value : '•'.repeat(24)}
        </output>
        <Tooltip label={word}>
          <ActionIcon
            aria-label={`${word}: ${label}`}
            onClick={() => {
              show(!shown)
            }}
          >
            {shown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
          </ActionIcon>
        </Tooltip>
        <CopyIcon value={value} what={`${t.common.copy}: ${label}`} />
      </div>
    </Input.Wrapper>
  )
}
