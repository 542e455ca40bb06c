import { Tabs } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useParam } from '@/app/params'
import { t } from '@/strings'
import { Page } from '@/ui/Page'
import { Keys } from './Keys'
import { Profile } from './Profile'
import { Sessions } from './Sessions'
import { SignIns } from './SignIns'

const words = t.account
const tabs = ['profile', 'sessions', 'signIns', 'keys'] as const

export default function AccountPage() {
  const navigate = useNavigate()
  const asked = useParam('tab')
  const tab = tabs.find((name) => name === asked) ?? 'profile'
  return (
    <Page title={words.title}>
      <Tabs value={tab} onChange={(v) => void navigate({ to: '.', search: { tab: v === 'profile' ? undefined : v } as never })} keepMounted={false}>
        <Tabs.List mb="lg">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {words.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Profile />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <Sessions />
        </Tabs.Panel>
        <Tabs.Panel value="signIns">
          <SignIns />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <Keys />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
