/** SQL for the status of the last answer of a failed job; null when its last attempt had none. @param row name of the row, with a dot */
export const lastStatusOf = (row = ''): string =>
  `coalesce((${row}last_failure->>'statusCode')::int, ${row}status_code)`;
