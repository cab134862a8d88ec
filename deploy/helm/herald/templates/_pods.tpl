{{/* What all pods have in common. */}}

{{- define "herald.pod" -}}
serviceAccountName: {{ .Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{/* Image, security, login and files of a container. Takes a dict of root and login; receiver and wsdl say
whether its files are mounted. */}}
{{- define "herald.container" -}}
image: {{ include "herald.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
env:
  - {name: HERALD_CONFIG, value: /etc/herald/herald.yaml}
  - {name: HERALD_KAFKA__SECURITY__USERNAME, value: {{ .login }}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - {name: config, mountPath: /etc/herald, readOnly: true}
  - {name: journal, mountPath: /run/secrets/herald/journal, readOnly: true}
  - {name: kafka-login, mountPath: /run/secrets/herald/kafka, readOnly: true}
  - {name: kafka-ca, mountPath: /run/secrets/herald/kafka-ca, readOnly: true}
  - {name: signers, mountPath: /run/secrets/herald/signers, readOnly: true}
  - {name: systems, mountPath: /run/secrets/herald/systems, readOnly: true}
  {{- if .receiver }}
  - {name: receiver, mountPath: /run/secrets/herald/receiver, readOnly: true}
  {{- end }}
  {{- if .wsdl }}
  - {name: peu-wsdl, mountPath: /etc/herald-peu, readOnly: true}
  {{- end }}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "herald.volumes" -}}
- name: config
  configMap:
    name: {{ .root.Release.Name }}-config
- name: journal
  secret:
    secretName: {{ .root.Values.secrets.journal }}
    defaultMode: 0440
- name: kafka-login
  secret:
    secretName: {{ .login }}
    defaultMode: 0440
    items:
      - {key: password, path: password}
- name: kafka-ca
  secret:
    secretName: {{ include "herald.caSecret" .root }}
    defaultMode: 0440
    items:
      - {key: ca.crt, path: ca.crt}
- name: signers
  secret:
    secretName: {{ .root.Values.secrets.signers }}
    defaultMode: 0440
- name: systems
  secret:
    secretName: {{ .root.Values.secrets.systems }}
    defaultMode: 0440
    optional: true
{{- if .receiver }}
- name: receiver
  secret:
    secretName: {{ .root.Values.receiver.secret }}
    defaultMode: 0440
{{- end }}
{{- if .wsdl }}
- name: peu-wsdl
  configMap:
    name: {{ .root.Values.peu.wsdl }}
    optional: true
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end }}

{{/* The pod of a job: one command with the operator's login. Takes a dict of root, component, system and args. */}}
{{- define "herald.job" -}}
{{- $login := printf "%s-operator" .root.Release.Name -}}
{{- $given := dict "root" .root "login" $login "wsdl" (hasKey .root.Values.config.systems "peu") -}}
metadata:
  labels: {{- include "herald.selector" . | nindent 4 }}
spec:
  restartPolicy: Never
  {{- include "herald.pod" .root | nindent 2 }}
  containers:
    - name: {{ .component }}
      args: {{ .args | toJson }}
      {{- include "herald.container" $given | nindent 6 }}
      resources:
        requests: {cpu: 100m, memory: 128Mi, ephemeral-storage: 64Mi}
        limits: {memory: 512Mi, ephemeral-storage: 256Mi}
  volumes: {{- include "herald.volumes" $given | nindent 4 }}
{{- end }}
