import { Button, Group, Text, Title } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import { createContext, use, useEffect } from 'react'
import { t } from '@/strings'
import classes from './Page.module.css'

interface Props {
  title: string
  /** Stands beside the title: a count, a state. */
  aside?: React.ReactNode
  lead?: string
  actions?: React.ReactNode
  children: React.ReactNode
  /** Texts and forms read better in a narrow column. */
  narrow?: boolean
}

/** What every page is made of: its title, what can be done, and the rest. */
export function Page({ title, aside, lead, actions, children, narrow }: Props) {
  useTitle(title)
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      <div className={classes.header}>
        <div>
          <Group gap="sm" align="baseline">
            <Title order={1}>{title}</Title>
            {aside}
          </Group>
          {lead && (
            <Text c="dimmed" mt={2}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </div>
      {children}
    </div>
  )
}

/** What can be done on a page; plain beside the one that is meant first. */
export function PageButton({ icon: Symbol, plain, onClick, children }: { icon: Icon; plain?: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Button variant={plain ? 'default' : undefined} leftSection={<Symbol size={16} />} onClick={onClick}>
      {children}
    </Button>
  )
}

/** What the pages below it are of: their titles name it. */
export const Of = createContext('')

/** Names the page in the browser's tab. */
export function useTitle(title: string) {
  const of = use(Of)
  useEffect(() => {
    document.title = [title, of, t.common.product].filter(Boolean).join(' · ')
  }, [title, of])
}
