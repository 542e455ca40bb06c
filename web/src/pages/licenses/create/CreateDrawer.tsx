import { useEffect, useState } from 'react'
import type { App, Subscription } from '@/api/client'
import type { Problem } from '@/api/problem'
import { t } from '@/strings'
import { Drawer } from '@/ui/Layer'
import { useUnsaved } from '@/ui/useUnsaved'
import { CreateForm } from './CreateForm'
import { Making } from './Making'
import { Result } from './Result'
import type { Values } from './values'

interface Props {
  app: App
  subscriptions: Subscription[]
  opened: boolean
  onClose: () => void
}

export interface Made {
  values: Values
  keys: string[]
}

/** New licenses: what they are to be, how far they are, and the keys. */
export function CreateDrawer({ app, subscriptions, opened, onClose }: Props) {
  const [asked, ask] = useState<Values>()
  const [refused, refuse] = useState<Problem>()
  const [made, setMade] = useState<Made>()
  const [typed, type] = useState(false)
  const { free, leave, question } = useUnsaved(opened && typed && !asked && !made)
  useEffect(() => {
    if (opened) free(false)
  }, [opened, free])
  const close = () => {
    onClose()
    type(false)
    ask(undefined)
    refuse(undefined)
    setMade(undefined)
  }
  const leaving = () => {
    leave(close)
  }
  const title = made ? t.licenses.create.made(made.keys.length) : t.licenses.create.title
  return (
    <>
      <Drawer opened={opened} onClose={leaving} title={title} size={480} closeOnClickOutside={!asked} closeOnEscape={!asked} withCloseButton={!asked || Boolean(made)}>
        {!opened ? null : made ? (
          <Result
            app={app}
            subscriptions={subscriptions}
            made={made}
            again={() => {
              ask(undefined)
              setMade(undefined)
            }}
            onClose={close}
          />
        ) : (
          <>
            <CreateForm app={app} subscriptions={subscriptions} refused={refused} hidden={Boolean(asked)} typed={type} submit={ask} onClose={leaving} />
            {asked && (
              <Making
                app={app}
                values={asked}
                done={(keys) => {
                  refuse(undefined)
                  setMade({ values: asked, keys })
                }}
                failed={(why) => {
                  ask(undefined)
                  refuse(why)
                }}
              />
            )}
          </>
        )}
      </Drawer>
      {question}
    </>
  )
}
