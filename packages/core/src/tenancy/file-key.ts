/** Names a file among those of all clients. No part can hold the separator, so two files never meet in one key. */
export const fileKey = ({ client, filename }: { readonly client: string; readonly filename: string }): string =>
  `${client}\n${filename}`
