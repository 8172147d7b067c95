/**
 * The path of the route that took a request, as the app names it: `/v1/predictions/:id/feedback`. A path that somebody made up, or that holds an
 * id, would be a series of its own in metrics, and a name of its own in traces.
 *
 * @param request - Express', when it has been routed.
 * @returns undefined where no route took it
 */
export function routeOf(request: object): string | undefined {
  const route: unknown = 'route' in request ? request.route : undefined;
  return typeof route === 'object' && route !== null && 'path' in route ? String(route.path) : undefined;
}
