import { Skeleton, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, takeTagged } from '@/api/client'
import { useApp } from '@/app/apps'
import { useParam } from '@/app/params'
import { AppCode } from '@/code/AppCode'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { Page } from '@/ui/Page'
import { Credentials } from './Credentials'
import { Messages } from './Messages'
import { Rules } from './Rules'

const words = t.settings
const tabs = ['rules', 'messages', 'credentials', 'code'] as const

export default function SettingsPage() {
  const app = useApp()
  const navigate = useNavigate()
  const asked = useParam('tab')
  const tab = tabs.find((name) => name === asked) ?? 'rules'
  // With the tag that an edit of it sends back.
  const { data, error, refetch } = useQuery({
    queryKey: ['app', app.id, 'settings', app.updated_at],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}', { params: { path: { app: app.id } }, signal })),
    placeholderData: (old) => old,
  })
  return (
    <Page title={words.title}>
      <Tabs
        value={tab}
        onChange={(v) => void navigate({ to: '.', search: ((old: object) => ({ ...old, tab: v === 'rules' ? undefined : v })) as never })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {words.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {error ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Skeleton height={420} />
        ) : (
          <>
            <Tabs.Panel value="rules">
              <Rules app={data.value} tag={data.tag} />
            </Tabs.Panel>
            <Tabs.Panel value="messages">
              <Messages app={data.value} tag={data.tag} />
            </Tabs.Panel>
            <Tabs.Panel value="credentials">
              <Credentials app={data.value} />
            </Tabs.Panel>
            <Tabs.Panel value="code">
              <Text c="dimmed" mb="lg">
                {words.code}
              </Text>
              <AppCode app={data.value} />
            </Tabs.Panel>
          </>
        )}
      </Tabs>
    </Page>
  )
}
