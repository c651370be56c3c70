#!/bin/sh
# Point the home volume at the models of this image, then run `jianzai` with the arguments given.
set -eu
ln -sfn /opt/jianzai/models "${JIANZAI_HOME}/models"
exec jianzai "$@"
