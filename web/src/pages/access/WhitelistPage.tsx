import { AccessPage, aheadOf } from './AccessPage'

export const ahead = aheadOf('whitelists')

export default function WhitelistPage() {
  return <AccessPage which="whitelists" />
}
