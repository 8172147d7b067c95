{{- define "drover.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "drover.labels" -}}
{{ include "drover.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "drover.selector" -}}
app.kubernetes.io/name: drover
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "drover.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "drover.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "drover.env" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end -}}

{{- define "drover.sharedEnv" -}}
- { name: DROVER_HOME, value: /data }
- { name: DROVER_STORE, value: {{ .Values.store | quote }} }
- { name: DROVER_MODEL, value: {{ .Values.model | quote }} }
- { name: DROVER_LOG_LEVEL, value: {{ .Values.logLevel | quote }} }
{{- if .Values.googleCredentialsSecret }}
- { name: GOOGLE_APPLICATION_CREDENTIALS, value: /secrets/google/credentials.json }
{{- end }}
{{- end -}}

{{- define "drover.temporalEnv" -}}
- { name: TEMPORAL_ADDRESS, value: {{ .Values.temporal.address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ .Values.temporal.namespace | quote }} }
{{- if .Values.temporal.mtlsSecret }}
- { name: TEMPORAL_TLS, value: 'true' }
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /secrets/temporal/tls.crt }
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /secrets/temporal/tls.key }
{{- if .Values.temporal.privateCa }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: /secrets/temporal/ca.crt }
{{- end }}
{{- end }}
{{- if .Values.temporal.serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ .Values.temporal.serverName | quote }} }
{{- end }}
{{- if .Values.temporal.apiKeySecret }}
- name: TEMPORAL_API_KEY
  valueFrom: { secretKeyRef: { name: {{ .Values.temporal.apiKeySecret }}, key: api-key } }
{{- end }}
{{- if .Values.payloadKeysSecret }}
- { name: DROVER_PAYLOAD_KEYS_FILE, value: /secrets/payloads/keys }
{{- end }}
{{- end -}}

{{- define "drover.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "drover.secretMounts" -}}
{{- if .Values.temporal.mtlsSecret }}
- { name: temporal, mountPath: /secrets/temporal, readOnly: true }
{{- end }}
{{- if .Values.payloadKeysSecret }}
- { name: payloads, mountPath: /secrets/payloads, readOnly: true }
{{- end }}
{{- if .Values.googleCredentialsSecret }}
- { name: google, mountPath: /secrets/google, readOnly: true }
{{- end }}
{{- end -}}

{{- define "drover.secretVolumes" -}}
{{- with .Values.temporal.mtlsSecret }}
- { name: temporal, secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.payloadKeysSecret }}
- { name: payloads, secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.googleCredentialsSecret }}
- { name: google, secret: { secretName: {{ . }}, defaultMode: 0440 } }
{{- end }}
{{- end -}}

{{- /* A service for one port of one component: (dict "root" $ "part" "codec" "port" 8097). */ -}}
{{- define "drover.partService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "drover.name" .root }}-{{ .part }}
  labels: {{- include "drover.labels" .root | nindent 4 }}
spec:
  selector:
    {{- include "drover.selector" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .part }}
  ports:
    - { name: http, port: {{ .port }}, targetPort: http }
{{- end -}}

{{- /* Lets in only those named to a component that shows secrets or moves the champion: (dict "root" $ "part" "codec" "from" list). */ -}}
{{- define "drover.partPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "drover.name" .root }}-{{ .part }}
  labels: {{- include "drover.labels" .root | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "drover.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .part }}
  policyTypes: [Ingress]
  {{- if .from }}
  ingress:
    - ports: [{ port: http }]
      from: {{- toYaml .from | nindent 8 }}
  {{- end }}
{{- end -}}
